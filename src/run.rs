//! Runs: what a report of one may say, and how a second report of the same run joins the first
//! (contract 1.6, 15).

mod shape;

use std::borrow::Cow;

use crate::body::{Body, Null};
use crate::error::ApiError;
use crate::json::{self, Decimal, FromJson, JsonBuf, JsonText, ToJson};
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

/// The most attributes: more would not fit, however short they are.
const MAX_ATTRIBUTES: usize = MAX_ATTRIBUTES_BYTES / 4;

/// A JSON object's members, each as JSON text and with a name of its own. They are few.
#[derive(Debug, Clone, Default)]
pub struct Members(Vec<Member>);
type Member = (String, JsonBuf);

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
#[derive(Debug, Clone)]
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
    pub members: Members,
}

impl Members {
    /// A member.
    pub fn get(&self, name: &str) -> Option<&JsonBuf> {
        let mut members = self.0.iter();
        members
            .find(|(member, _)| member == name)
            .map(|(_, value)| value)
    }

    /// Sets a member, whether or not it is there.
    fn set(&mut self, name: impl Into<String>, value: JsonBuf) {
        let name = name.into();
        match self.0.iter_mut().find(|(member, _)| *member == name) {
            Some(member) => member.1 = value,
            None => self.0.push((name, value)),
        }
    }

    /// Sets a member that is not there yet.
    fn fill(&mut self, name: &str, value: JsonBuf) {
        if self.get(name).is_none() {
            self.0.push((name.to_owned(), value));
        }
    }

    /// Sets the members that are not there yet.
    fn join(&mut self, more: Self) {
        for (name, value) in more.0 {
            self.fill(&name, value);
        }
    }

    /// Sets the members that are not there yet to null.
    fn complete(&mut self, names: impl Iterator<Item = &'static str>) {
        for name in names {
            self.fill(name, JsonBuf::default());
        }
    }

    fn as_json(&self) -> impl Iterator<Item = json::Member<'_>> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value as &dyn ToJson))
    }
}

impl ToJson for Members {
    fn write_json(&self, json: &mut String) {
        json::write_object(&self.as_json().collect::<Vec<_>>(), json);
    }
}

impl FromJson<'_> for Members {
    /// Reads what was written as one, and so has no member twice.
    fn from_json(text: JsonText<'_>) -> Option<Self> {
        let members = text.members()?.into_vec().into_iter();
        Some(Self(members.map(owned).collect()))
    }
}

impl ToJson for Run {
    fn write_json(&self, json: &mut String) {
        let mut members: Vec<json::Member<'_>> = vec![
            ("id", &self.id),
            ("thread_id", &self.thread_id),
            ("message_id", &self.message_id),
            ("trace_id", &self.trace_id),
            ("created_at", &self.created_at),
            ("created_by", &self.created_by),
            ("updated_at", &self.updated_at),
        ];
        members.extend(self.members.as_json());
        json::write_object(&members, json);
    }
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
            summary.fill("provider", provider.to_owned());
        }
        summary.set("tags", JsonBuf::write(&tags(&mut body)));
        let costs = costs(&mut body);
        let metadata = object(&mut body, "metadata");
        let explicit = object(&mut body, "attributes");
        let given = [metadata, body.rest(), explicit].concat();
        body.finish()?;
        summary.set("attributes", gather_attributes(given)?);
        if let Some(steps) = detail.get("steps") {
            let steps: Vec<JsonText<'_>> = json::read(steps.get()).unwrap_or_default();
            summary.set("total_steps", JsonBuf::write(&steps.len()));
        }
        for (name, value) in costs {
            summary.set(name, value);
        }
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
        attributes.join(later.attributes());
        // A message of another thread is none of this run's.
        if later.thread_id == self.thread_id {
            self.message_id = later.message_id.or(self.message_id);
        }
        self.summary
            .set("attributes", pack_attributes(&attributes)?);
        for (name, value) in later.summary.0 {
            let wins = match (name.as_str(), value.get()) {
                ("tags", tags) => tags != "[]",
                ("outcome_type", outcome) => {
                    matches!(outcome, "\"aborted\"" | "\"disconnected\"")
                }
                _ => false,
            };
            if wins {
                self.summary.set(name, value);
            } else {
                self.summary.fill(&name, value);
            }
        }
        self.detail.join(later.detail);
        let bytes = self.detail.0.iter().map(|(_, value)| value.get().len());
        if bytes.fold(0, usize::saturating_add) > MAX_DETAIL_BYTES {
            return Err(ApiError::BodyTooLarge);
        }
        Ok(self)
    }

    fn attributes(&self) -> Members {
        self.summary
            .get("attributes")
            .and_then(|value| value.as_text().read())
            .unwrap_or_default()
    }
}

impl Run {
    /// The same run with its details.
    #[must_use]
    pub fn with_detail(mut self, detail: Members) -> Self {
        for (name, value) in detail.0 {
            self.members.set(name, value);
        }
        self.members.complete(DETAIL.iter().map(|(name, _)| *name));
        self
    }
}

/// The members of a summary with null for those that it does not have.
pub fn complete(mut summary: Members) -> Members {
    let names = SUMMARY.iter().map(|(name, _)| *name);
    summary.complete(names.chain([COST, COST_DETAILS]));
    summary
}

fn read(body: &mut Body<'_>, schema: Schema) -> Members {
    let mut members = Members::default();
    for &(name, rule) in schema {
        if let Some(value) = shape::take(body, name, rule) {
            members.set(name, value.to_owned());
        }
    }
    members
}

/// The members of an object.
fn object<'a>(body: &mut Body<'a>, name: &str) -> Vec<(Cow<'a, str>, JsonText<'a>)> {
    let members: Option<json::Members<'a>> = body.typed(name, Null::IsAbsent, "must be an object");
    members.map(json::Members::into_vec).unwrap_or_default()
}

/// Attributes, of which the last one of a name counts.
fn gather_attributes(given: Vec<(Cow<'_, str>, JsonText<'_>)>) -> Result<JsonBuf, ApiError> {
    if given.len() > MAX_ATTRIBUTES {
        return Err(ApiError::AttributesTooLarge);
    }
    let mut attributes = Members::default();
    for (name, value) in given {
        attributes.set(name, value.to_owned());
    }
    pack_attributes(&attributes)
}

fn pack_attributes(attributes: &Members) -> Result<JsonBuf, ApiError> {
    let packed = JsonBuf::write(attributes);
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
struct CostDetails(Vec<(&'static str, Decimal)>);

const TOTAL: &str = "total";
const COST_PARTS: [&str; 4] = ["input", "input_cached_tokens", "output", TOTAL];

impl FromJson<'_> for CostDetails {
    fn from_json(text: JsonText<'_>) -> Option<Self> {
        let members: Object<'_> = text.read()?;
        let mut parts = Vec::new();
        for name in COST_PARTS {
            if let Some(part) = members.optional(name)? {
                parts.push((name, part));
            }
        }
        Some(Self(parts))
    }
}

impl CostDetails {
    /// What they come to; `None` where none is named.
    fn sum(&self) -> Option<Decimal> {
        if let Some((_, total)) = self.0.iter().find(|(name, _)| *name == TOTAL) {
            return Some(total.clone());
        }
        let parts: Vec<_> = self.0.iter().map(|(_, part)| part.clone()).collect();
        Decimal::sum(&parts)
    }
}

impl ToJson for CostDetails {
    fn write_json(&self, json: &mut String) {
        let parts = self.0.iter();
        let parts = parts.map(|(name, part)| (*name, part as &dyn ToJson));
        json::write_object(&parts.collect::<Vec<_>>(), json);
    }
}

/// What the run cost, and in parts. The parts count where both are given.
fn costs(body: &mut Body<'_>) -> Vec<(&'static str, JsonBuf)> {
    const RULE: &str = "must be a number, 0 or more";
    const DETAILS_RULE: &str = "must be an object of numbers, 0 or more";
    let cost: Option<Decimal> = body.typed(COST, Null::IsAbsent, RULE);
    if cost.as_ref().is_some_and(Decimal::is_negative) {
        body.complain(COST, RULE);
    }
    let details: Option<CostDetails> = body.typed(COST_DETAILS, Null::IsAbsent, DETAILS_RULE);
    let mut parts = details.iter().flat_map(|details| &details.0);
    if parts.any(|(_, part)| part.is_negative()) {
        body.complain(COST_DETAILS, DETAILS_RULE);
    }
    let sum = details.as_ref().and_then(CostDetails::sum);
    let details = details.filter(|_| sum.is_some());
    let cost = sum.or(cost).map(|cost| (COST, JsonBuf::write(&cost)));
    let details = details.map(|details| (COST_DETAILS, JsonBuf::write(&details)));
    cost.into_iter().chain(details).collect()
}

fn owned((name, value): (Cow<'_, str>, JsonText<'_>)) -> Member {
    (name.into_owned(), value.to_owned())
}
