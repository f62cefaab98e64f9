//! `/api/v1`: the same use cases for programs. Signed in by a bearer token with scopes, or by the browser's session.
//!
//! Lists take `limit` and `cursor`. Writes take `Idempotency-Key`: the same key with the same request gives the first
//! answer again, with another request 409. Errors are `application/problem+json`.

mod access_events;
pub(crate) mod agent_cards;
mod agents;
mod approvals;
mod audit;
mod break_glass;
mod compliance;
mod connections;
mod deployments;
mod elevations;
mod engines;
mod evidence;
pub(crate) mod export;
mod extract;
mod find;
mod findings;
mod history;
mod idempotency;
mod identities;
mod incidents;
mod legal_holds;
mod notifications;
pub(crate) mod openapi;
mod packages;
mod performance;
mod policies;
mod registry;
mod resources;
mod reviews;
mod saved_views;
mod segregation;
mod service_accounts;
mod setup;
mod signing_keys;
mod stand_ins;
mod suites;
mod waivers;

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::web::Web;

/// Every operation, with its description.
pub(crate) fn routes() -> OpenApiRouter<Web> {
    OpenApiRouter::new()
        .routes(routes!(agents::list, agents::onboard))
        .routes(routes!(agents::get))
        .routes(routes!(registry::lines))
        .routes(routes!(registry::label))
        .routes(routes!(registry::similar))
        .routes(routes!(registry::compare))
        .routes(routes!(registry::tools))
        .routes(routes!(registry::tool))
        .routes(routes!(agent_cards::get))
        .routes(routes!(agent_cards::serve))
        .routes(routes!(agents::reach))
        .routes(routes!(agents::versions))
        .routes(routes!(agents::owner))
        .routes(routes!(setup::get))
        .routes(routes!(setup::manifest))
        .routes(routes!(setup::look))
        .routes(routes!(suites::of))
        .routes(routes!(agents::ask))
        .routes(routes!(agents::decommission))
        .routes(routes!(agents::lift_hold))
        .routes(routes!(agents::report_breach))
        .routes(routes!(deployments::list))
        .routes(routes!(deployments::get))
        .routes(routes!(deployments::evaluation))
        .routes(routes!(deployments::online))
        .routes(routes!(evidence::bundle, evidence::hand_in))
        .routes(routes!(evidence::junit))
        .routes(routes!(evidence::sbom))
        .routes(routes!(evidence::cases))
        .routes(routes!(evidence::inspect))
        .routes(routes!(evidence::sarif))
        .routes(routes!(engines::list))
        .routes(routes!(engines::coverage))
        .routes(routes!(deployments::conditions))
        .routes(routes!(deployments::promote))
        .routes(routes!(deployments::cancel))
        .routes(routes!(deployments::rollback_plan, deployments::roll_back))
        .routes(routes!(approvals::list))
        .routes(routes!(approvals::get))
        .routes(routes!(approvals::decide))
        .routes(routes!(approvals::comment))
        .routes(routes!(approvals::withdraw))
        .routes(routes!(approvals::revoke))
        .routes(routes!(stand_ins::list, stand_ins::name))
        .routes(routes!(stand_ins::end))
        .routes(routes!(break_glass::start))
        .routes(routes!(break_glass::list))
        .routes(routes!(break_glass::get))
        .routes(routes!(break_glass::close))
        .routes(routes!(elevations::list, elevations::request))
        .routes(routes!(elevations::decide))
        .routes(routes!(elevations::end))
        .routes(routes!(elevations::take_away))
        .routes(routes!(policies::list, policies::propose))
        .routes(routes!(policies::get))
        .routes(routes!(policies::dry_run))
        .routes(routes!(findings::list))
        .routes(routes!(findings::get))
        .routes(routes!(findings::ignore))
        .routes(routes!(findings::assign))
        .routes(routes!(policies::calendar))
        .routes(routes!(waivers::list, waivers::give))
        .routes(routes!(waivers::get))
        .routes(routes!(waivers::revoke))
        .routes(routes!(findings::revert))
        .routes(routes!(findings::accept))
        .routes(routes!(incidents::list, incidents::open))
        .routes(routes!(incidents::get))
        .routes(routes!(incidents::take_over))
        .routes(routes!(incidents::mitigate))
        .routes(routes!(incidents::reopen))
        .routes(routes!(incidents::close))
        .routes(routes!(incidents::quarantine))
        .routes(routes!(incidents::release))
        .routes(routes!(identities::list))
        .routes(routes!(identities::scopes))
        .routes(routes!(identities::get))
        .routes(routes!(identities::revoke))
        .routes(routes!(identities::suspend))
        .routes(routes!(identities::resume))
        .routes(routes!(identities::rotate))
        .routes(routes!(identities::bind))
        .routes(routes!(identities::unbind))
        .routes(routes!(access_events::list, access_events::report))
        .routes(routes!(resources::list, resources::add))
        .routes(routes!(resources::get, resources::change))
        .routes(routes!(resources::remove))
        .routes(routes!(legal_holds::list, legal_holds::place))
        .routes(routes!(legal_holds::release))
        .routes(routes!(reviews::list, reviews::start))
        .routes(routes!(reviews::get))
        .routes(routes!(reviews::certificate))
        .routes(routes!(reviews::decide))
        .routes(routes!(reviews::sign_off))
        .routes(routes!(segregation::report))
        .routes(routes!(performance::report))
        .routes(routes!(service_accounts::list))
        .routes(routes!(signing_keys::list))
        .routes(routes!(audit::list))
        .routes(routes!(audit::get))
        .routes(routes!(audit::lines))
        .routes(routes!(find::by_id))
        .routes(routes!(saved_views::list, saved_views::save))
        .routes(routes!(saved_views::change, saved_views::remove))
        .routes(routes!(export::export))
        .routes(routes!(compliance::list))
        .routes(routes!(compliance::get))
        .routes(routes!(packages::list, packages::order))
        .routes(routes!(packages::get))
        .routes(routes!(packages::download))
        .routes(routes!(packages::remove))
        .routes(routes!(packages::schedules, packages::add_schedule))
        .routes(routes!(packages::pause))
        .routes(routes!(packages::resume))
        .routes(routes!(packages::remove_schedule))
        .routes(routes!(connections::list, connections::create))
        .routes(routes!(connections::deliveries))
        .routes(routes!(connections::change))
        .routes(routes!(notifications::channels, notifications::add))
        .routes(routes!(notifications::remove))
        .routes(routes!(notifications::test))
        .routes(routes!(notifications::messages))
        .routes(routes!(notifications::send_again))
        .routes(routes!(notifications::choice, notifications::choose))
}
