//! The routes and what stands before them. Deny by default: everything under `/api/v1/auth` is
//! behind the gate, known or not.

use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{Resource, ResponseError};
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::error::ApiError;
use crate::http::authenticate::authenticate;
use crate::http::observe::no_such_route;
use crate::routes::{entry, hooks, offers, operations, order, orders, payment, users};

/// The API and the health of the process.
pub fn api(config: &mut ServiceConfig) {
    config.service(
        web::scope("/api/v1/auth")
            .wrap(from_fn(authenticate))
            .service(
                only(web::resource("/orders"), "GET, HEAD, POST")
                    .route(web::get().to(orders::list))
                    .route(web::post().to(orders::create)),
            )
            .service(
                only(web::resource("/orders/payment"), "POST").route(web::post().to(payment::pay)),
            )
            .service(
                only(web::resource("/orders/pending"), "GET, HEAD")
                    .route(web::get().to(orders::pending)),
            )
            .service(
                only(web::resource("/order/id/{id}/details"), "GET, HEAD")
                    .route(web::get().to(order::details)),
            )
            .service(
                only(web::resource("/order/id/{id}/events"), "GET, HEAD")
                    .route(web::get().to(order::events)),
            )
            .service(
                only(web::resource("/order/id/{id}/deposits"), "GET, HEAD")
                    .route(web::get().to(order::deposits)),
            )
            .service(
                only(web::resource("/order/id/{id}/cancel"), "PUT")
                    .route(web::put().to(order::cancel)),
            )
            .service(
                only(web::resource("/offers"), "GET, HEAD, POST")
                    .route(web::get().to(offers::list))
                    .route(web::post().to(offers::create)),
            )
            .service(
                only(web::resource("/offers/type/{offer_type}"), "GET, HEAD")
                    .route(web::get().to(offers::list_by_type)),
            )
            .service(
                only(web::resource("/offers/{id}"), "GET, HEAD, PATCH")
                    .route(web::get().to(offers::show))
                    .route(web::patch().to(offers::amend)),
            )
            .service(
                only(web::resource("/users/provision"), "POST")
                    .route(web::post().to(users::provision)),
            )
            .default_service(web::to(no_such_route)),
    );
    config.service(
        only(web::resource("/hooks/{door}/{token}"), "POST").route(web::post().to(hooks::callback)),
    );
    config.service(only(web::resource("/"), "GET").route(web::get().to(entry::entry)));
    config.configure(health);
}

/// Whether the process lives, on every listener that has nothing else to say it.
pub fn health(config: &mut ServiceConfig) {
    config.service(
        only(web::resource("/healthz"), "GET, HEAD").route(web::get().to(operations::health)),
    );
}

/// What operators and tools read; in production on a listener of its own.
pub fn operations(config: &mut ServiceConfig) {
    config
        .service(
            only(web::resource("/readyz"), "GET, HEAD").route(web::get().to(operations::readiness)),
        )
        .service(
            only(web::resource("/metrics"), "GET, HEAD").route(web::get().to(operations::metrics)),
        );
}

/// The API's description.
pub fn description(config: &mut ServiceConfig) {
    config.service(
        only(web::resource("/openapi.json"), "GET, HEAD").route(web::get().to(operations::openapi)),
    );
}

/// The page that readers try requests from: beside the API, so that they reach it.
pub fn docs(config: &mut ServiceConfig) {
    config
        .service(web::redirect("/docs", "/docs/"))
        .service(SwaggerUi::new("/docs/{_:.*}").config(Config::from("/openapi.json")));
}

/// On a listener without the API: the way to the page.
pub fn way_to_docs(config: &mut ServiceConfig) {
    let to_docs =
        || only(web::resource("/docs"), "GET, HEAD").route(web::get().to(operations::docs));
    let deeper =
        only(web::resource("/docs/{_:.*}"), "GET, HEAD").route(web::get().to(operations::docs));
    config.service(to_docs()).service(deeper);
}

/// A resource that answers every other method with 405 and the ones it knows.
fn only(resource: Resource, allowed: &'static str) -> Resource {
    resource.default_service(web::to(move || async move {
        ApiError::MethodNotAllowed(allowed).error_response()
    }))
}
