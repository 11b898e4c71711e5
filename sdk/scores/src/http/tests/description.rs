//! `openapi.json` as a judge: whether an answer is one that it describes. It knows the document alone, not the routes.

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode, header};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The document.
pub(super) struct Description {
    document: Value,
}

/// The methods that a path can have in the document.
const METHODS: [&str; 5] = ["get", "put", "post", "delete", "patch"];

impl Description {
    pub(super) fn new() -> Self {
        let mut document = serde_json::from_str(include_str!("../../../openapi.json")).expect("JSON");
        forbid_more(&mut document);
        Self { document }
    }

    /// Method and path of all operations, and the parameters that their queries may have.
    pub(super) fn operations(&self) -> BTreeMap<(String, String), BTreeSet<String>> {
        let mut operations = BTreeMap::new();
        for (path, item) in self.document["paths"].as_object().expect("paths") {
            for (method, operation) in item.as_object().expect("a path") {
                assert!(METHODS.contains(&method.as_str()), "{method} {path}");
                let parameters = operation["parameters"].as_array().into_iter().flatten();
                let parameters = parameters.map(|parameter| self.resolved(parameter));
                let in_query = parameters.filter(|parameter| parameter["in"] == "query");
                let names = in_query.map(|parameter| parameter["name"].as_str().expect("a name").to_owned());
                operations.insert((method.to_uppercase(), path.clone()), names.collect());
            }
        }
        operations
    }

    /// All statuses that an operation may answer.
    pub(super) fn statuses(&self, method: &str, path: &str) -> BTreeSet<u16> {
        let responses = &self.document["paths"][path][method.to_lowercase()]["responses"];
        let statuses = responses.as_object().expect("responses").keys();
        statuses.map(|status| status.parse().expect("a status")).collect()
    }

    /// The codes that problems may have.
    pub(super) fn codes(&self) -> BTreeSet<String> {
        strings(&self.document["components"]["schemas"]["Problem"]["properties"]["code"]["enum"])
    }

    /// The codes of all answers, by their status.
    pub(super) fn codes_by_status(&self) -> BTreeSet<(u16, String)> {
        let mut codes = BTreeSet::new();
        for item in self.document["paths"].as_object().expect("paths").values() {
            for operation in item.as_object().expect("a path").values() {
                for (status, response) in operation["responses"].as_object().expect("responses") {
                    codes.extend(
                        self.codes_of(response).into_iter().map(|code| (status.parse().unwrap(), code)),
                    );
                }
            }
        }
        codes
    }

    /// The operation that a request is, if its path is one: method and path as the document has them.
    pub(super) fn operation(&self, request: &Request<Bytes>) -> Option<(String, String)> {
        let path = request.uri().path();
        let decoded = |part| percent_decode_str(part).decode_utf8_lossy();
        let fits = |template: &&String| {
            let parts: Vec<_> = template.split('/').zip(path.split('/')).collect();
            template.split('/').count() == path.split('/').count()
                && parts.iter().all(|(expected, part)| {
                    *expected == decoded(part) || expected.starts_with('{') && !part.is_empty()
                })
        };
        let path = self.document["paths"].as_object().expect("paths").keys().find(fits)?;
        let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
        Some((method.as_str().to_owned(), path.clone()))
    }

    /// Whether the answer to a request is one that is described.
    pub(super) fn check(&self, request: &Request<Bytes>, response: &Response<Bytes>) -> Result<(), String> {
        let Some((method, path)) = self.operation(request) else {
            return match response.status() {
                StatusCode::NOT_FOUND => self.check_answer("NotFound", request, response),
                status => Err(format!("{status} where there is no path")),
            };
        };
        if request.method() == Method::OPTIONS {
            return if response.status() == StatusCode::NO_CONTENT {
                Ok(())
            } else {
                Err("no preflight".into())
            };
        }
        let operation = &self.document["paths"][&path][method.to_lowercase()];
        if operation.is_null() {
            return match response.status() {
                StatusCode::METHOD_NOT_ALLOWED => self.check_answer("MethodNotAllowed", request, response),
                status => Err(format!("{status} where there is no such method")),
            };
        }
        let described = &operation["responses"][response.status().as_str()];
        if described.is_null() {
            return Err(format!("{method} {path} answers {}, which is not described", response.status()));
        }
        self.check_response(self.resolved(described), request, response)?;
        let body = &operation["requestBody"]["content"]["application/json"]["schema"];
        if response.status().is_success() && !body.is_null() {
            let sent = serde_json::from_slice(request.body()).map_err(|error| error.to_string())?;
            self.validate(body, &sent).map_err(|error| format!("{method} {path} takes {sent}: {error}"))?;
        }
        Ok(())
    }

    fn check_answer(
        &self,
        name: &str,
        request: &Request<Bytes>,
        response: &Response<Bytes>,
    ) -> Result<(), String> {
        self.check_response(&self.document["components"]["responses"][name], request, response)
    }

    fn check_response(
        &self,
        described: &Value,
        request: &Request<Bytes>,
        response: &Response<Bytes>,
    ) -> Result<(), String> {
        let what = format!("{} {} answers {}", request.method(), request.uri(), response.status());
        for name in described["headers"].as_object().into_iter().flat_map(Map::keys) {
            if !response.headers().contains_key(name.as_str()) {
                return Err(format!("{what} without {name}"));
            }
        }
        let Some(content) = described["content"].as_object() else {
            return if response.body().is_empty() { Ok(()) } else { Err(format!("{what} with a body")) };
        };
        let media = response.headers().get(header::CONTENT_TYPE).and_then(|media| media.to_str().ok());
        let media = media.unwrap_or_default().split(';').next().unwrap_or_default();
        let described = content.get(media).ok_or_else(|| format!("{what} as {media:?}"))?;
        if request.method() == Method::HEAD || !media.ends_with("json") {
            return Ok(());
        }
        let body: Value =
            serde_json::from_slice(response.body()).map_err(|error| format!("{what}: {error}"))?;
        self.validate(&described["schema"], &body).map_err(|error| format!("{what} with {body}: {error}"))
    }

    fn codes_of(&self, response: &Value) -> BTreeSet<String> {
        let content = &self.resolved(response)["content"]["application/problem+json"];
        strings(&content["schema"]["properties"]["code"]["enum"])
    }

    fn validate(&self, schema: &Value, value: &Value) -> Result<(), String> {
        let mut schema = schema.clone();
        schema["components"] = self.document["components"].clone();
        let validator = jsonschema::draft202012::new(&schema).map_err(|error| error.to_string())?;
        validator.validate(value).map_err(|error| format!("{error} at {:?}", error.instance_path().as_str()))
    }

    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => {
                let pointer = reference.strip_prefix('#').expect("a reference into the document");
                self.document.pointer(pointer).unwrap_or_else(|| panic!("{reference} leads nowhere"))
            }
            None => value,
        }
    }
}

/// Answers may get more fields; here, one that is not described is a fault.
fn forbid_more(value: &mut Value) {
    if value["type"] == "object" && value["properties"].is_object() && value["additionalProperties"].is_null()
    {
        value["additionalProperties"] = json!(false);
    }
    match value {
        Value::Object(fields) => fields.values_mut().for_each(forbid_more),
        Value::Array(values) => values.iter_mut().for_each(forbid_more),
        _ => {}
    }
}

fn strings(value: &Value) -> BTreeSet<String> {
    value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}
