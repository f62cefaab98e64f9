//! The document around the app: style sheet, browser code and theme. Everything in it is served by this server.

/// Addresses of the style sheet and the browser code, whose names carry their content's hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assets {
    /// Address of the style sheet.
    pub css: String,
    /// Address of the script that loads the module.
    pub js: String,
    /// Address of the WebAssembly module.
    pub wasm: String,
}

pub use document::shell;

mod document {
    use leptos::config::LeptosOptions;
    use leptos::nonce::use_nonce;
    use leptos::prelude::*;
    use leptos_meta::MetaTags;

    use super::Assets;
    use crate::routes::App;
    use crate::session::{are_keys_off, density_of_request, theme_of_request};

    impl Assets {
        /// The names without a hash, for a server that provides none.
        fn plain(options: &LeptosOptions) -> Self {
            let base = format!("/{}/{}", options.site_pkg_dir, options.output_name);
            Self {
                css: format!("{base}.css"),
                js: format!("{base}.js"),
                wasm: format!("{base}.wasm"),
            }
        }
    }

    /// The whole document. The server provides [`Assets`] as a context; the inline script carries the response's nonce.
    #[must_use]
    pub fn shell(options: LeptosOptions) -> impl IntoView {
        let assets = use_context::<Assets>().unwrap_or_else(|| Assets::plain(&options));
        let nonce = use_nonce();
        // Only islands come alive, so nothing else needs marks for the browser or its data a second time.
        if let Some(context) = Owner::current_shared_context() {
            context.set_is_hydrating(false);
        }
        let start = format!(
            "import('{}').then(m=>m.default({{module_or_path:'{}'}}).then(()=>m.hydrate(m)))",
            assets.js, assets.wasm
        );
        view! {
            <!DOCTYPE html>
            <html lang="en" data-theme=theme_of_request().as_str() data-density=density_of_request().as_str() data-keys=are_keys_off().then_some("off")>
                <head>
                    <meta charset="utf-8"/>
                    <meta name="viewport" content="width=device-width, initial-scale=1"/>
                    <meta name="color-scheme" content="light dark"/>
                    <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                    <link rel="preload" href="/fonts/ibm-plex-sans-latin-wght-normal.woff2" r#as="font" type="font/woff2" crossorigin="anonymous"/>
                    <link rel="stylesheet" href=assets.css/>
                    <link rel="modulepreload" href=assets.js nonce=nonce.clone()/>
                    <link rel="preload" href=assets.wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
                    <script type="module" nonce=nonce>{start}</script>
                    <MetaTags/>
                </head>
                <body>
                    <App/>
                </body>
            </html>
        }
    }
}
