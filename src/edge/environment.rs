//! The variables, secrets and bindings of a deployment.

use js_sys::Reflect;
use wasm_bindgen::JsValue;

/// The runtime's `env`.
#[derive(Clone)]
pub(super) struct Environment(JsValue);

impl Environment {
    pub(super) fn new(env: JsValue) -> Self {
        Self(env)
    }

    /// A variable's or secret's text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        self.binding(name)?.as_string()
    }

    /// A binding.
    pub(super) fn binding(&self, name: &str) -> Option<JsValue> {
        let binding = Reflect::get(&self.0, &name.into()).ok()?;
        (!binding.is_undefined()).then_some(binding)
    }
}
