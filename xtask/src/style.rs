//! The style sheet: `style/main.css` and what it imports, as one minified file.

use std::path::Path;

use anyhow::{Context, Result, anyhow};
use lightningcss::bundler::{Bundler, FileProvider};
use lightningcss::stylesheet::{MinifyOptions, ParserOptions, PrinterOptions};

/// Bundles and minifies. Nothing is translated for older browsers: the tokens need `light-dark()` anyway.
/// Addresses in `url()` are kept as written, so they start with `/`.
pub(crate) fn bundle(main: &Path) -> Result<String> {
    let files = FileProvider::new();
    let mut bundler = Bundler::new(&files, None, ParserOptions::default());
    let mut sheet = bundler
        .bundle(main)
        .map_err(|error| anyhow!("{error}"))
        .with_context(|| format!("reading {}", main.display()))?;
    sheet
        .minify(MinifyOptions::default())
        .map_err(|error| anyhow!("{error}"))
        .context("minifying the style sheet")?;
    let printed = sheet
        .to_css(PrinterOptions {
            minify: true,
            ..PrinterOptions::default()
        })
        .map_err(|error| anyhow!("{error}"))
        .context("printing the style sheet")?;
    Ok(printed.code)
}

#[cfg(test)]
mod tests {
    use super::bundle;

    #[test]
    fn imports_become_one_sheet_and_errors_name_the_place() {
        let folder = crate::tools::own_dir().join("test-style");
        let file = |name: &str, text: &str| crate::tools::write(&folder.join(name), text).unwrap();
        file(
            "main.css",
            "@layer a, b;\n@import \"part.css\" layer(a);\n@layer b { p { color: light-dark(#fff, #000) } }\n",
        );
        file("part.css", "body { margin: 0px }\n");
        let sheet = bundle(&folder.join("main.css")).unwrap();
        assert!(sheet.contains("@layer a{body{margin:0}}"), "{sheet}");
        assert!(sheet.contains("light-dark(#fff,#000)"), "{sheet}");

        file("broken.css", "@import \"missing.css\";\n");
        let error = format!("{:#}", bundle(&folder.join("broken.css")).unwrap_err());
        assert!(error.contains("broken.css"), "{error}");
    }
}
