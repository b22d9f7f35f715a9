//! `/`: the page that leads everywhere else.

use actix_web::HttpResponse;
use actix_web::web::Data;

use crate::settings::Settings;

/// The page, made once.
#[derive(Debug)]
pub struct EntryPage(String);

impl EntryPage {
    /// With links to what answers here, and to the twin where one runs.
    pub fn new(settings: &Settings) -> Self {
        let mut links = vec![
            ("/docs/", "the API, to read and to try"),
            ("/openapi.json", "its description, for programs"),
        ];
        if settings.http.operations_port == 0 {
            links.push(("/readyz", "how the service and the chains are"));
            links.push(("/metrics", "figures for Prometheus"));
        }
        let twin = format!("http://127.0.0.1:{}/", settings.mpesa.twin_control_port);
        if settings.mpesa.twin {
            links.insert(0, (twin.as_str(), "play the customers: their phones and their wallets"));
        }
        let shown = |(url, what): &(&str, &str)| {
            format!("<li><a href=\"{url}\">{url}</a><br>{what}</li>\n")
        };
        let list: Vec<String> = links.iter().map(shown).collect();
        Self(include_str!("entry.html").replace("<!-- links -->", &list.concat()))
    }
}

pub async fn entry(page: Data<EntryPage>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/html; charset=utf-8").body(page.0.clone())
}
