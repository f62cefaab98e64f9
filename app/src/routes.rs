//! All routes. Every page is rendered whole before the first byte: the status, the title and the page without script
//! are right, and our queries take milliseconds.

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::SsrMode;
use leptos_router::components::{ParentRoute, Route, Router, Routes};
use leptos_router::path;

use crate::layout::Shell;
use crate::pages::access::AgentAccessPage;
use crate::pages::agents::{
    AgentPage, AgentsPage, CardPage, ComparePage, OnboardPage, SetupPage, SimilarPage, VersionsPage,
};
use crate::pages::approvals::{ApprovalPage, ApprovalsPage};
use crate::pages::audit::{AuditPage, EventPage};
use crate::pages::compliance::{CompliancePage, FrameworkPage};
use crate::pages::connections::ConnectionsPage;
use crate::pages::deployments::{DeploymentPage, DeploymentsPage, RollbackPage};
use crate::pages::elevations::ElevationsPage;
use crate::pages::engines::{CoveragePage, EnginesPage};
use crate::pages::evaluation::{EvaluationPage, TrendPage};
use crate::pages::find::FindPage;
use crate::pages::findings::{FindingPage, FindingsPage};
use crate::pages::first_run::FirstRunPage;
use crate::pages::help::HelpPage;
use crate::pages::identities::{IdentitiesPage, IdentityPage, ScopesPage};
use crate::pages::incidents::{IncidentPage, IncidentsPage};
use crate::pages::keyboard::KeyboardPage;
use crate::pages::not_found::NotFoundPage;
use crate::pages::notifications::NotificationsPage;
use crate::pages::online::OnlinePage;
use crate::pages::overview::OverviewPage;
use crate::pages::packages::{PackagePage, PackagesPage, SchedulesPage};
use crate::pages::passkey::PasskeyPage;
use crate::pages::performance::PerformancePage;
use crate::pages::policies::{CalendarPage, PoliciesPage, PolicyPage, ProposePage};
use crate::pages::post_reviews::PostReviewPage;
use crate::pages::reach::ReachPage;
use crate::pages::resources::{ResourcePage, ResourcesPage};
use crate::pages::reviews::{ReviewPage, ReviewsPage};
use crate::pages::search::SearchPage;
use crate::pages::segregation::SegregationPage;
use crate::pages::settings::{
    DirectoryGroupsPage, DirectoryPage, DirectoryPeoplePage, LegalHoldsPage, PasskeysPage,
    ServiceAccountsPage, SessionsPage, SettingsPage, TokensPage,
};
use crate::pages::sign_in::SignInPage;
use crate::pages::suites::{CheckSuitePage, SuitesPage};
use crate::pages::tools::{ToolPage, ToolsPage};
use crate::pages::waivers::{GivePage, WaiverPage, WaiversPage};
use crate::session::provide_session;

#[cfg(not(debug_assertions))]
use crate::pages::not_found::{NotFoundPage as StyleguideFrame, NotFoundPage as StyleguidePage};
#[cfg(debug_assertions)]
use crate::{layout::Shell as StyleguideFrame, pages::styleguide::StyleguidePage};

/// Addresses that development builds alone have. Elsewhere nothing may answer there but the page that says so.
pub const DEVELOPMENT: &[&str] = &["/styleguide"];

/// The whole interface.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    provide_session();
    view! {
        <Title formatter=|page: String| if page.is_empty() { "Clearance".to_owned() } else { format!("{page} · Clearance") }/>
        <Router>
            <Routes fallback=NotFoundPage>
                <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async/>
                <Route path=path!("/passkey") view=PasskeyPage ssr=SsrMode::Async/>
                <Route path=path!("/first-run") view=FirstRunPage ssr=SsrMode::Async/>
                <ParentRoute path=path!("/styleguide") view=StyleguideFrame ssr=SsrMode::Async>
                    <Route path=path!("") view=StyleguidePage/>
                </ParentRoute>
                <ParentRoute path=path!("") view=Shell ssr=SsrMode::Async>
                    <Route path=path!("/") view=OverviewPage/>
                    <Route path=path!("/agents") view=AgentsPage/>
                    <Route path=path!("/agents/new") view=OnboardPage/>
                    <Route path=path!("/agents/:slug") view=AgentPage/>
                    <Route path=path!("/agents/:slug/evaluation") view=TrendPage/>
                    <Route path=path!("/agents/:slug/suites") view=SuitesPage/>
                    <Route path=path!("/agents/:slug/access") view=AgentAccessPage/>
                    <Route path=path!("/agents/:slug/reach") view=ReachPage/>
                    <Route path=path!("/agents/:slug/card") view=CardPage/>
                    <Route path=path!("/agents/:slug/versions") view=VersionsPage/>
                    <Route path=path!("/agents/:slug/setup") view=SetupPage/>
                    <Route path=path!("/suites/check") view=CheckSuitePage/>
                    <Route path=path!("/deployments") view=DeploymentsPage/>
                    <Route path=path!("/deployments/:number") view=DeploymentPage/>
                    <Route path=path!("/deployments/:number/evaluation") view=EvaluationPage/>
                    <Route path=path!("/deployments/:number/online") view=OnlinePage/>
                    <Route path=path!("/deployments/:number/rollback") view=RollbackPage/>
                    <Route path=path!("/approvals") view=ApprovalsPage/>
                    <Route path=path!("/approvals/:number") view=ApprovalPage/>
                    <Route path=path!("/audit") view=AuditPage/>
                    <Route path=path!("/audit/:seq") view=EventPage/>
                    <Route path=path!("/compliance") view=CompliancePage/>
                    <Route path=path!("/compliance/packages") view=PackagesPage/>
                    <Route path=path!("/compliance/packages/:number") view=PackagePage/>
                    <Route path=path!("/compliance/schedules") view=SchedulesPage/>
                    <Route path=path!("/compliance/:framework") view=FrameworkPage/>
                    <Route path=path!("/connections") view=ConnectionsPage/>
                    <Route path=path!("/engines") view=EnginesPage/>
                    <Route path=path!("/engines/coverage") view=CoveragePage/>
                    <Route path=path!("/find") view=FindPage/>
                    <Route path=path!("/findings") view=FindingsPage/>
                    <Route path=path!("/findings/:number") view=FindingPage/>
                    <Route path=path!("/help") view=HelpPage/>
                    <Route path=path!("/help/:chapter") view=HelpPage/>
                    <Route path=path!("/identities") view=IdentitiesPage/>
                    <Route path=path!("/identities/:client_id") view=IdentityPage/>
                    <Route path=path!("/incidents") view=IncidentsPage/>
                    <Route path=path!("/incidents/:number") view=IncidentPage/>
                    <Route path=path!("/performance") view=PerformancePage/>
                    <Route path=path!("/policies") view=PoliciesPage/>
                    <Route path=path!("/policies/new") view=ProposePage/>
                    <Route path=path!("/policies/calendar") view=CalendarPage/>
                    <Route path=path!("/waivers") view=WaiversPage/>
                    <Route path=path!("/waivers/new") view=GivePage/>
                    <Route path=path!("/waivers/:number") view=WaiverPage/>
                    <Route path=path!("/policies/:version") view=PolicyPage/>
                    <Route path=path!("/keyboard") view=KeyboardPage/>
                    <Route path=path!("/notifications") view=NotificationsPage/>
                    <Route path=path!("/elevations") view=ElevationsPage/>
                    <Route path=path!("/post-reviews/:number") view=PostReviewPage/>
                    <Route path=path!("/registry/comparison") view=ComparePage/>
                    <Route path=path!("/registry/similar") view=SimilarPage/>
                    <Route path=path!("/resources") view=ResourcesPage/>
                    <Route path=path!("/resources/:resource") view=ResourcePage/>
                    <Route path=path!("/reviews") view=ReviewsPage/>
                    <Route path=path!("/reviews/:number") view=ReviewPage/>
                    <Route path=path!("/scopes") view=ScopesPage/>
                    <Route path=path!("/search") view=SearchPage/>
                    <Route path=path!("/segregation") view=SegregationPage/>
                    <Route path=path!("/tools") view=ToolsPage/>
                    <Route path=path!("/tools/:kind/:tool") view=ToolPage/>
                    <Route path=path!("/settings") view=SettingsPage/>
                    <Route path=path!("/settings/sessions") view=SessionsPage/>
                    <Route path=path!("/settings/passkeys") view=PasskeysPage/>
                    <Route path=path!("/settings/tokens") view=TokensPage/>
                    <Route path=path!("/settings/legal-holds") view=LegalHoldsPage/>
                    <Route path=path!("/settings/service-accounts") view=ServiceAccountsPage/>
                    <Route path=path!("/settings/directory") view=DirectoryPage/>
                    <Route path=path!("/settings/directory/:provider") view=DirectoryPage/>
                    <Route path=path!("/settings/directory/:provider/people") view=DirectoryPeoplePage/>
                    <Route path=path!("/settings/directory/:provider/groups") view=DirectoryGroupsPage/>
                </ParentRoute>
            </Routes>
        </Router>
    }
}
