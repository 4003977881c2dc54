//! Debian's `docker-registry` as a process, and `skopeo`.

use std::ffi::OsString;
use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;
use url::Url;

use crate::oci_layout::OciLayout;

/// `user` with the password `pass:word`, hashed by bcrypt as the registry wants it.
const HTPASSWD: &str = "user:$2b$05$abcdefghijklmnopqrstuuDIEddBSuRWBBEY6g5zv60IAP5bSSfki\n";

/// A program that a variable names; none where tests are run without it.
///
/// `cargo xtask test tests` installs both programs. In CI they have to be there.
fn program(variable: &str) -> Option<OsString> {
    let program = std::env::var_os(variable);
    let is_ci = std::env::var("CI").as_deref() == Ok("true");
    assert!(program.is_some() || !is_ci, "{variable} has to name a program");
    program
}

/// Whether a registry asks for a name and a password.
pub enum Access {
    /// Anybody may read and write.
    Open,
    /// `user` with `pass:word` may.
    Basic,
}

/// The registry. It ends when it is dropped.
pub struct DebianRegistry {
    directory: TempDir,
    process: Child,
    port: u16,
    skopeo: OsString,
    access: Access,
}

impl DebianRegistry {
    /// Starts an empty one; none, where the programs are not there.
    pub fn start(access: Access) -> Option<Self> {
        Self::configured(access, "")
    }

    /// The same, open to anybody, which sends its events to `url` with this value of
    /// `Authorization`.
    pub fn notifying(url: &str, authorization: &str) -> Option<Self> {
        let notifications = format!(
            "notifications:\n  endpoints:\n    - name: slipway\n      url: {url}\n      headers:\n        Authorization: [\"{authorization}\"]\n      timeout: 30s\n      threshold: 5\n      backoff: 100ms\n"
        );
        Self::configured(Access::Open, &notifications)
    }

    /// One whose configuration has `more`.
    fn configured(access: Access, more: &str) -> Option<Self> {
        let (Some(program), Some(skopeo)) =
            (program("SLIPWAY_DOCKER_REGISTRY"), program("SLIPWAY_SKOPEO"))
        else {
            eprintln!("skipped: `cargo xtask test tests` installs docker-registry and skopeo");
            return None;
        };
        let directory = tempfile::tempdir().unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let config = directory.path().join("config.yml");
        fs::write(directory.path().join("htpasswd"), HTPASSWD).unwrap();
        fs::write(&config, configuration(directory.path(), port, &access) + more).unwrap();
        let mut command = Command::new(program);
        command.arg("serve").arg(config).stdout(Stdio::null()).stderr(Stdio::null());
        let process = command.spawn().unwrap();
        wait_for(port);
        Some(Self { directory, process, port, skopeo, access })
    }

    /// Where it is.
    pub fn url(&self) -> Url {
        Url::parse(&format!("http://127.0.0.1:{}/", self.port)).unwrap()
    }

    /// Copies the image of a layout here.
    pub fn push(&self, layout: &OciLayout, image: &str) {
        let target = format!("docker://127.0.0.1:{}/{image}", self.port);
        self.skopeo(
            "copy",
            "--dest",
            &["--all", "--preserve-digests", &layout.reference(), &target],
        );
    }

    /// Deletes a manifest, as a registry does that purges.
    pub fn delete(&self, repository: &str, digest: &str) {
        let image = format!("docker://127.0.0.1:{}/{repository}@{digest}", self.port);
        self.skopeo("delete", "-", &[&image]);
    }

    /// The digest that `skopeo` gives for an image here.
    pub fn inspect(&self, image: &str) -> String {
        let image = format!("docker://127.0.0.1:{}/{image}", self.port);
        let output = self.skopeo("inspect", "-", &["--no-tags", "--format", "{{.Digest}}", &image]);
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Gives a digest that is here many tags, in the registry's own storage: pushing each would
    /// take a minute.
    pub fn tag(&self, repository: &str, digest: &str, tags: impl Iterator<Item = String>) {
        let hex = digest.strip_prefix("sha256:").unwrap();
        let manifests = format!("data/docker/registry/v2/repositories/{repository}/_manifests");
        let manifests = self.directory.path().join(manifests);
        for tag in tags {
            for link in ["current".to_owned(), format!("index/sha256/{hex}")] {
                let directory = manifests.join("tags").join(&tag).join(link);
                fs::create_dir_all(&directory).unwrap();
                fs::write(directory.join("link"), digest).unwrap();
            }
        }
    }

    fn skopeo(&self, verb: &str, side: &str, arguments: &[&str]) -> Output {
        let side = side.trim_end_matches('-');
        let option = |name: &str| match side {
            "" => format!("--{name}"),
            _ => format!("{side}-{name}"),
        };
        let mut command = Command::new(&self.skopeo);
        command.args(["--insecure-policy", verb, &option("tls-verify=false")]);
        if matches!(self.access, Access::Basic) {
            command.arg(option("creds=user:pass:word"));
        }
        let output = command.args(arguments).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        output
    }
}

impl Drop for DebianRegistry {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn configuration(directory: &Path, port: u16, access: &Access) -> String {
    let directory = directory.display();
    let auth = match access {
        Access::Open => String::new(),
        Access::Basic => {
            format!("auth:\n  htpasswd:\n    realm: test\n    path: {directory}/htpasswd\n")
        }
    };
    format!(
        "version: 0.1\nstorage:\n  filesystem:\n    rootdirectory: {directory}/data\n  delete:\n    enabled: true\nhttp:\n  addr: 127.0.0.1:{port}\n{auth}"
    )
}

/// Until the registry takes connections.
fn wait_for(port: u16) {
    let end = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(("127.0.0.1", port)).is_err() {
        assert!(Instant::now() < end, "docker-registry does not listen");
        std::thread::sleep(Duration::from_millis(20));
    }
}
