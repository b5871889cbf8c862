//! Runs: what a report of one may say, and how a second report of the same run joins the first
//! (contract 1.6, 15).

mod shape;

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::value::{RawValue, to_raw_value};

use crate::body::{Body, Null};
use crate::error::ApiError;
use crate::json::{self, FromJson, JsonText};
use crate::object::Object;
use crate::route::MAX_CONTENT_BYTES;
use crate::timestamp::Timestamp;
use shape::{DETAIL, Rule, SUMMARY, Schema};

/// The largest details that are stored, in bytes. Those of two reports together can exceed one body.
const MAX_DETAIL_BYTES: usize = MAX_CONTENT_BYTES + 524_288;
/// The largest attributes, in bytes of JSON.
const MAX_ATTRIBUTES_BYTES: usize = 16_384;
/// The most tags.
const MAX_TAGS: usize = 20;

/// A JSON object's members, each as JSON text.
pub type Members = BTreeMap<String, Box<RawValue>>;
type Member = (String, Box<RawValue>);

const COST: &str = "cost_usd";
const COST_DETAILS: &str = "cost_details";

/// A report, checked, in one form whatever the client's version: aliases are resolved, unknown members are
/// attributes.
#[derive(Debug, Clone)]
pub struct RunReport {
    /// The thread that the run belongs to.
    pub thread_id: String,
    /// The message that it made.
    pub message_id: Option<String>,
    /// The trace that it is part of.
    pub trace_id: Option<String>,
    /// The members that a list shows.
    pub summary: Members,
    /// The others: what was said, in the end or on the way.
    pub detail: Members,
}

/// A run as it is answered.
#[derive(Debug, Clone, Serialize)]
pub struct Run {
    /// Its name, `run_0…`.
    pub id: String,
    /// The thread that it belongs to.
    pub thread_id: String,
    /// The message that it made.
    pub message_id: Option<String>,
    /// The trace that it is part of.
    pub trace_id: Option<String>,
    /// When it was first reported.
    pub created_at: Timestamp,
    /// Who reported it first.
    pub created_by: String,
    /// When it was last reported.
    pub updated_at: Timestamp,
    /// What the report says, under the report's own names.
    #[serde(flatten)]
    pub members: Members,
}

impl RunReport {
    /// Reads a request's body.
    ///
    /// # Errors
    ///
    /// [`ApiError`] with 400.
    pub fn parse(bytes: &[u8]) -> Result<Self, ApiError> {
        let mut body = Body::parse(bytes)?;
        let thread_id = body.text("thread_id", 255, Null::IsAbsent);
        let thread_id = body.required("thread_id", thread_id).unwrap_or_default();
        let message_id = body.text("message_id", 48, Null::IsAbsent);
        let trace_id = body.text("trace_id", 48, Null::IsAbsent);
        let mut summary = read(&mut body, SUMMARY);
        let detail = read(&mut body, DETAIL);
        // The name that older clients have for it.
        if let Some(provider) = shape::take(&mut body, "provider_type", Rule::Text(1, 255)) {
            fill(&mut summary, [("provider".to_owned(), provider.to_owned())]);
        }
        summary.insert("tags".to_owned(), raw(&tags(&mut body)));
        let costs = costs(&mut body);
        let mut attributes = object(&mut body, "metadata");
        let explicit = object(&mut body, "attributes");
        attributes.extend(body.rest().map(owned));
        attributes.extend(explicit);
        body.finish()?;
        summary.insert("attributes".to_owned(), pack_attributes(&attributes)?);
        if let Some(steps) = detail.get("steps") {
            let steps: Vec<JsonText<'_>> = json::read(steps.get()).unwrap_or_default();
            summary.insert("total_steps".to_owned(), raw(&steps.len()));
        }
        summary.extend(costs);
        Ok(Self {
            thread_id,
            message_id,
            trace_id,
            summary,
            detail,
        })
    }

    /// The trace that makes this the same run as another report's: 32 lower-case hexadecimal digits, as
    /// W3C Trace Context has them. Another form of id says nothing of that kind.
    pub fn trace(&self) -> Option<&str> {
        self.trace_id
            .as_deref()
            .filter(|id| id.len() == 32 && shape::is_hex(id))
    }

    /// This report with what a later one adds: members that were missing, the message, the tags, and that the
    /// user broke it off. The same report again changes nothing.
    ///
    /// # Errors
    ///
    /// [`ApiError`] with 400 or 413: together they are too large.
    pub fn join(mut self, later: Self) -> Result<Self, ApiError> {
        let mut attributes = self.attributes();
        fill(&mut attributes, later.attributes());
        // A message of another thread is none of this run's.
        if later.thread_id == self.thread_id {
            self.message_id = later.message_id.or(self.message_id);
        }
        self.summary
            .insert("attributes".to_owned(), pack_attributes(&attributes)?);
        for (name, value) in later.summary {
            let wins = match (name.as_str(), value.get()) {
                ("tags", tags) => tags != "[]",
                ("outcome_type", outcome) => {
                    matches!(outcome, "\"aborted\"" | "\"disconnected\"")
                }
                _ => false,
            };
            if wins {
                self.summary.insert(name, value);
            } else {
                self.summary.entry(name).or_insert(value);
            }
        }
        fill(&mut self.detail, later.detail);
        let bytes = self.detail.values().map(|value| value.get().len());
        if bytes.fold(0, usize::saturating_add) > MAX_DETAIL_BYTES {
            return Err(ApiError::BodyTooLarge);
        }
        Ok(self)
    }

    fn attributes(&self) -> Members {
        self.summary
            .get("attributes")
            .and_then(|value| read_members(value.get()))
            .unwrap_or_default()
    }
}

impl Run {
    /// The same run with its details.
    #[must_use]
    pub fn with_detail(mut self, mut detail: Members) -> Self {
        fill(&mut detail, nulls(DETAIL.iter().map(|(name, _)| *name)));
        self.members.extend(detail);
        self
    }
}

/// The members of a summary with null for those that it does not have.
pub fn complete(mut summary: Members) -> Members {
    let names = SUMMARY.iter().map(|(name, _)| *name);
    fill(&mut summary, nulls(names.chain([COST, COST_DETAILS])));
    summary
}

fn nulls(names: impl Iterator<Item = &'static str>) -> impl Iterator<Item = Member> {
    names.map(|name| (name.to_owned(), Box::default()))
}

/// Adds the members that are not there yet.
fn fill(members: &mut Members, more: impl IntoIterator<Item = Member>) {
    for (name, value) in more {
        members.entry(name).or_insert(value);
    }
}

fn read(body: &mut Body<'_>, schema: Schema) -> Members {
    let mut members = Members::new();
    // Collected at once they would be sorted first, and a sort is 2 kB of the bundle.
    for &(name, rule) in schema {
        if let Some(value) = shape::take(body, name, rule) {
            members.insert(name.to_owned(), value.to_owned());
        }
    }
    members
}

fn object(body: &mut Body<'_>, name: &str) -> Members {
    let members: Option<json::Members<'_>> = body.typed(name, Null::IsAbsent, "must be an object");
    gather(members.into_iter().flatten().map(owned))
}

fn pack_attributes(attributes: &Members) -> Result<Box<RawValue>, ApiError> {
    let packed = raw(attributes);
    if packed.get().len() > MAX_ATTRIBUTES_BYTES {
        return Err(ApiError::AttributesTooLarge);
    }
    Ok(packed)
}

/// The tags, each once, without white space around them.
fn tags(body: &mut Body<'_>) -> Vec<String> {
    const RULE: &str = "must be an array of at most 20 strings of 1 to 64 characters";
    let given: Vec<String> = body.typed("tags", Null::IsAbsent, RULE).unwrap_or_default();
    let mut tags = Vec::new();
    for tag in given.iter().map(|tag| tag.trim()) {
        // One too many is enough to complain.
        if tags.len() <= MAX_TAGS && !tags.iter().any(|known| known == tag) {
            tags.push(tag.to_owned());
        }
    }
    let fits = |tag: &String| (1..=64).contains(&tag.chars().count());
    if tags.len() > MAX_TAGS || !tags.iter().all(fits) {
        body.complain("tags", RULE);
    }
    tags
}

/// What the parts of a run cost, and all of it, in US dollars.
struct CostDetails([Option<f64>; 4]);

const COST_PARTS: [&str; 4] = ["input", "input_cached_tokens", "output", "total"];

impl FromJson<'_> for CostDetails {
    fn from_json(text: JsonText<'_>) -> Option<Self> {
        let members: Object<'_> = text.read()?;
        let mut parts = [None; 4];
        for (part, name) in parts.iter_mut().zip(COST_PARTS) {
            *part = members.optional(name)?;
        }
        Some(Self(parts))
    }
}

impl CostDetails {
    /// What they come to; `None` where none is named.
    fn sum(&self) -> Option<f64> {
        let [parts @ .., total] = self.0;
        let parts = parts.into_iter().flatten();
        total.or_else(|| parts.reduce(|sum, part| sum + part))
    }

    fn to_json(&self) -> Box<RawValue> {
        let parts = COST_PARTS.into_iter().zip(self.0);
        let parts = parts.filter_map(|(name, part)| Some((name.to_owned(), json::number(part?))));
        raw(&gather(parts))
    }
}

/// What the run cost, and in parts. The parts count where both are given.
fn costs(body: &mut Body<'_>) -> Vec<Member> {
    const RULE: &str = "must be a number, 0 or more";
    const DETAILS_RULE: &str = "must be an object of numbers, 0 or more";
    let cost: Option<f64> = body.typed(COST, Null::IsAbsent, RULE);
    if cost.is_some_and(|cost| cost < 0.0) {
        body.complain(COST, RULE);
    }
    let details: Option<CostDetails> = body.typed(COST_DETAILS, Null::IsAbsent, DETAILS_RULE);
    let parts = details.iter().flat_map(|details| details.0);
    if parts.flatten().any(|part| part < 0.0) {
        body.complain(COST_DETAILS, DETAILS_RULE);
    }
    let sum = details.as_ref().and_then(CostDetails::sum);
    let cost = sum.or(cost).map(|cost| (COST, json::number(cost)));
    let details = details.filter(|_| sum.is_some());
    let details = details.map(|details| (COST_DETAILS, details.to_json()));
    let members = cost.into_iter().chain(details);
    members
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

/// Reads an object, to be kept.
pub fn read_members(text: &str) -> Option<Members> {
    let members: json::Members<'_> = json::read(text)?;
    Some(gather(members.into_iter().map(owned)))
}

/// Collected at once they would be sorted first, and a sort is 2 kB of the bundle.
fn gather(members: impl Iterator<Item = Member>) -> Members {
    let mut gathered = Members::new();
    for (name, value) in members {
        gathered.insert(name, value);
    }
    gathered
}

fn owned((name, value): (Cow<'_, str>, JsonText<'_>)) -> Member {
    (name.into_owned(), value.to_owned())
}

/// A value as JSON text. Nothing that is written here can fail.
fn raw(value: &impl Serialize) -> Box<RawValue> {
    to_raw_value(value).unwrap_or_default()
}
