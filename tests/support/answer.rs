//! An HTTP answer, read to its end, and what every problem must look like.

use api_actix::error::problem_codes;
use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::ordered::fields;

/// What the service said.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    /// Null when the body is no JSON.
    pub json: Value,
    pub text: String,
}

/// Every member of a problem, in the order in which the contract names them.
const PROBLEM: [&str; 8] =
    ["type", "title", "status", "detail", "code", "errors", "correlation_id", "error"];

impl Answer {
    pub(crate) async fn read(response: reqwest::Response) -> reqwest::Result<Self> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = response.text().await?;
        let json = serde_json::from_str(&text).unwrap_or_default();
        Ok(Self { status, headers, json, text })
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// The answer, if it has this status.
    #[expect(clippy::return_self_not_must_use, reason = "often the status is all that matters")]
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.text);
        self
    }

    /// A member of the body that must be a text.
    #[track_caller]
    pub fn text_of(&self, field: &str) -> &str {
        let value = self.json[field].as_str();
        value.unwrap_or_else(|| panic!("{field} is no text in {}", self.text))
    }

    #[track_caller]
    pub fn id(&self) -> &str {
        self.text_of("id")
    }

    /// The rows of a list.
    #[track_caller]
    pub fn rows(&self) -> &[Value] {
        let rows = self.json.as_array();
        rows.unwrap_or_else(|| panic!("no list: {}", self.text))
    }

    /// The `id` of every row of a list.
    #[track_caller]
    pub fn ids(&self) -> Vec<String> {
        let id = |row: &Value| row["id"].as_str().expect("rows have ids").to_owned();
        self.rows().iter().map(id).collect()
    }

    /// The address that `Link: <…>; rel="next"` leads to.
    pub fn next(&self) -> Option<String> {
        let link = self.header("link")?;
        let target = link.strip_prefix('<')?.strip_suffix(">; rel=\"next\"")?;
        Some(target.to_owned())
    }

    /// Checks that this is a whole problem of this status and code; answers what is wrong as pairs
    /// of field and code, in their order.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Vec<(String, String)> {
        assert!(problem_codes().contains(code), "{code} is in no list of codes");
        let told = (self.status, self.json["code"].as_str());
        assert_eq!(told, (status, Some(code)), "{}", self.text);
        let media_type = self.header("content-type");
        assert_eq!(media_type, Some("application/problem+json"), "{}", self.text);
        let names: Vec<_> = fields(&self.text).into_iter().map(|f| f.name).collect();
        assert_eq!(names, PROBLEM, "{}", self.text);
        assert_eq!(self.json["type"], format!("urn:kivuko:problem:{code}"));
        assert_eq!(self.json["status"], status);
        for member in ["title", "detail", "correlation_id"] {
            assert!(!self.text_of(member).is_empty(), "{member} in {}", self.text);
        }
        assert_eq!(self.json["error"], self.json["detail"]);
        assert_eq!(self.header("x-request-id"), Some(self.text_of("correlation_id")));
        let errors = self.json["errors"].as_array().expect("errors is a list");
        errors.iter().map(Self::field_error).collect()
    }

    /// [`Answer::problem`] of a body that has exactly these field errors.
    #[track_caller]
    pub fn problem_with(&self, status: u16, code: &str, expected: &[(&str, &str)]) {
        let told = self.problem(status, code);
        let told: Vec<_> = told.iter().map(|(f, c)| (f.as_str(), c.as_str())).collect();
        assert_eq!(told, expected, "{}", self.text);
    }

    #[track_caller]
    fn field_error(error: &Value) -> (String, String) {
        let member = |name: &str| {
            let text = error[name].as_str().expect("field, code and message are texts");
            assert!(!text.is_empty(), "{name} in {error}");
            text.to_owned()
        };
        assert_eq!(error.as_object().map(serde_json::Map::len), Some(3));
        member("message");
        let code = member("code");
        assert!(problem_codes().contains(code.as_str()), "{code} is in no list of codes");
        (member("field"), code)
    }
}
