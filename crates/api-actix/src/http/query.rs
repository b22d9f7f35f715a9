//! Query strings, read like bodies: everything wrong is told at once, and a parameter that we do not
//! know is refused: a wrong filter must never select everything.

use actix_web::HttpRequest;

use crate::error::{ApiError, FieldError};
use crate::http::fields::Fault;
use crate::http::read::rule;

/// The parameters of a request, and what has been found wrong with them so far.
#[derive(Debug)]
pub struct Query {
    values: Vec<(String, String)>,
    read: Vec<&'static str>,
    errors: Vec<FieldError>,
}

/// As many unknown parameters are named one by one.
const NAMED: usize = 20;

impl Query {
    pub fn of(request: &HttpRequest) -> Self {
        Self::parse(request.query_string())
    }

    pub fn parse(query: &str) -> Self {
        let pairs = form_urlencoded::parse(query.as_bytes());
        Self { values: pairs.into_owned().collect(), read: Vec::new(), errors: Vec::new() }
    }

    /// The first value of a parameter, which is known from now on.
    pub fn get(&mut self, name: &'static str) -> Option<&str> {
        if !self.read.contains(&name) {
            self.read.push(name);
        }
        self.values.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn optional<T>(
        &mut self,
        name: &'static str,
        read: impl Fn(&str) -> Result<T, Fault>,
    ) -> Option<T> {
        match read(self.get(name)?) {
            Ok(value) => Some(value),
            Err(fault) => {
                self.fault(name, fault);
                None
            }
        }
    }

    /// One or several values, separated by commas; none when it is left out.
    pub fn several<T>(
        &mut self,
        name: &'static str,
        read: impl Fn(&str) -> Result<T, Fault>,
    ) -> Vec<T> {
        let each = |text: &str| text.split(',').map(&read).collect();
        self.optional(name, each).unwrap_or_default()
    }

    pub fn fault(&mut self, name: &str, fault: Fault) {
        let Fault { code, message, malformed } = fault;
        self.errors.push(FieldError { field: name.to_owned(), code, message, malformed });
    }

    /// The result, if nothing was wrong with any parameter, none is there twice and all are known.
    ///
    /// # Errors
    /// Everything that was wrong, all at once.
    pub fn finish<T>(mut self, result: T) -> Result<T, ApiError> {
        self.judge_names();
        if self.errors.is_empty() { Ok(result) } else { Err(ApiError::of_fields(self.errors)) }
    }

    fn judge_names(&mut self) {
        let known = match self.read.as_slice() {
            [] => "is no parameter of this request: it takes none".to_owned(),
            read => format!("is no parameter of this request; there are: {}", read.join(", ")),
        };
        let names: Vec<String> = self.values.iter().map(|(name, _)| name.clone()).collect();
        let mut told = 0;
        for (at, name) in names.iter().enumerate() {
            let is_known = self.read.contains(&name.as_str());
            let is_again = names[..at].contains(name);
            let fault = match (is_known, is_again) {
                (true, false) | (false, true) => continue,
                (true, true) => rule("duplicate_parameter", "is there twice; send it once"),
                (false, false) => rule("unknown_parameter", known.clone()),
            };
            told += 1;
            if told > NAMED {
                break;
            }
            self.fault(name, fault);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::Query;
    use crate::http::{paging, read};

    proptest! {
        #[test]
        fn no_query_breaks_its_readers(text in ".*") {
            let mut query = Query::parse(&text);
            paging::page(&mut query);
            query.optional("created_from", read::instant);
            query.several("status", |text| read::order_status(&text.into()));
            let _told_or_not = query.finish(());
        }

        #[test]
        fn no_value_breaks_its_reader(value in ".*") {
            for name in ["page_id", "page_size", "cursor"] {
                let mut text = form_urlencoded::Serializer::new(String::new());
                let mut query = Query::parse(&text.append_pair(name, &value).finish());
                let page = paging::page(&mut query);
                prop_assert!((1..=100).contains(&page.size));
                let _told_or_not = query.finish(());
            }
        }
    }
}
