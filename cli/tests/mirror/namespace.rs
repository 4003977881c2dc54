//! A network of a process's own: a namespace whose only cable leads to the machine.

use std::net::Ipv4Addr;
use std::process::Stdio;

use tokio::process::Command;

/// A network of its own, with a cable to the rest of the machine.
pub struct Namespace {
    name: String,
    /// The machine's end of the cable.
    pub outside: Ipv4Addr,
}

impl Namespace {
    /// One, where the system lets us: that takes Linux, `ip`, and root.
    pub async fn new() -> Option<Self> {
        let id = std::process::id();
        let name = format!("slipway-{id}");
        if !ip(&format!("netns add {name}")).await {
            return None;
        }
        // RFC 2544: addresses for tests of networks, of which each process takes four.
        let first = u32::from(Ipv4Addr::new(198, 18, 0, 0)) + id % (1 << 14) * 4;
        let (outside, inside) = (Ipv4Addr::from(first + 1), Ipv4Addr::from(first + 2));
        // From here on it takes the namespace away again, if a step fails.
        let namespace = Self { name, outside };
        let (name, cable) = (&namespace.name, format!("sw{id}"));
        for step in [
            format!("link add {cable} type veth peer name vendor netns {name}"),
            format!("addr add {outside}/30 dev {cable}"),
            format!("link set {cable} up"),
            format!("-n {name} addr add {inside}/30 dev vendor"),
            format!("-n {name} link set vendor up"),
            format!("-n {name} link set lo up"),
        ] {
            if !ip(&step).await {
                return None;
            }
        }
        Some(namespace)
    }

    /// The same command, in the namespace.
    pub fn command(&self, command: &Command) -> Command {
        let command = command.as_std();
        let mut inside = Command::new("ip");
        inside
            .args(["netns", "exec", &self.name])
            .arg(command.get_program())
            .args(command.get_args());
        inside
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .stdin(Stdio::null())
            .kill_on_drop(true);
        inside.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
        if let Some(directory) = command.get_current_dir() {
            inside.current_dir(directory);
        }
        inside
    }

    /// Takes the cable away.
    pub async fn cut(&self) {
        assert!(ip(&format!("-n {} link del vendor", self.name)).await);
    }
}

impl Drop for Namespace {
    fn drop(&mut self) {
        // The cable goes with it.
        drop(std::process::Command::new("ip").args(["netns", "del", &self.name]).status());
    }
}

/// Whether `ip` did that.
async fn ip(arguments: &str) -> bool {
    let done = Command::new("ip").args(arguments.split(' ')).output().await;
    let failed = match done {
        Ok(output) if output.status.success() => return true,
        Ok(output) => String::from_utf8_lossy(&output.stderr).trim().to_owned(),
        Err(error) => error.to_string(),
    };
    eprintln!("ip {arguments}: {failed}");
    false
}
