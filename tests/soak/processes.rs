//! The service's processes: one that takes requests and two that work. None may end by itself.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use e2e::{Program, Serving};

use crate::site::Site;

struct Process {
    name: &'static str,
    serving: Serving,
    /// KiB: when it was started, and the most since.
    first_kib: u64,
    most_kib: u64,
}

pub(crate) struct Processes {
    all: Vec<Process>,
    url: String,
    logs: PathBuf,
    /// Processes that ended by themselves, and when.
    died: Vec<String>,
}

impl Processes {
    pub(crate) async fn start(site: &Site) -> Result<Self> {
        let stage = site.stage();
        // Who takes requests need not be able to move anything.
        let api = Program::of_stage(&stage, &site.database)
            .set("KIVUKO__MPESA__INITIATOR", "")
            .set("KIVUKO__MPESA__SECURITY_CREDENTIAL", "")
            .unset("KIVUKO__TREASURY__HOT_PHRASE")
            .unset("KIVUKO__TREASURY__ESCROW_PHRASE");
        let log = |name: &str| site.folder.join(format!("{name}.log"));
        let api = api.serve_into(&["serve", "--role", "api"], &log("api")).await;
        let url = api.url.clone();
        let worker = stage.set("KIVUKO__MPESA__CALLBACK_BASE", &url);
        let worker = Program::of_stage(&worker, &site.database);
        let arguments = ["serve", "--role", "worker"];
        let one = worker.serve_into(&arguments, &log("worker-1")).await;
        let other = worker.serve_into(&arguments, &log("worker-2")).await;
        let registered = worker.output(&["mpesa", "register"]).await;
        ensure!(registered.status.success(), "{}", registered.stderr);
        let named = [("api", api), ("worker-1", one), ("worker-2", other)];
        let process = |(name, serving): (&'static str, Serving)| {
            let first_kib = serving.memory_kib().unwrap_or_default();
            Process { name, serving, first_kib, most_kib: first_kib }
        };
        let all = named.into_iter().map(process).collect();
        Ok(Self { all, url, logs: site.folder.clone(), died: Vec::new() })
    }

    pub(crate) fn api_url(&self) -> &str {
        &self.url
    }

    pub(crate) fn logs(&self) -> &Path {
        &self.logs
    }

    /// Looks after them until then.
    pub(crate) async fn watch(&mut self, until: Instant) {
        let began = Instant::now();
        let mut beat = tokio::time::interval(Duration::from_secs(1));
        while Instant::now() < until {
            beat.tick().await;
            self.look(began);
        }
    }

    fn look(&mut self, began: Instant) {
        for process in &mut self.all {
            let memory = process.serving.memory_kib().unwrap_or_default();
            process.most_kib = process.most_kib.max(memory);
            if !process.serving.is_running() {
                let note = format!("{} ended by itself", process.name);
                if !self.died.iter().any(|known| known.starts_with(&note)) {
                    self.died.push(format!("{note} after {} s", began.elapsed().as_secs()));
                }
            }
        }
    }

    /// Stops them; what is wrong with how they lived and ended.
    pub(crate) async fn stop(&mut self) -> Vec<String> {
        self.look(Instant::now());
        let mut wrong = self.died.clone();
        for process in &mut self.all {
            if process.serving.is_running() && !process.serving.stop().await.success() {
                wrong.push(format!("{} ended badly when told to stop", process.name));
            }
        }
        wrong
    }

    /// Name, memory at the start, and the most of it, in KiB.
    pub(crate) fn memory(&self) -> Vec<(&'static str, u64, u64)> {
        self.all.iter().map(|one| (one.name, one.first_kib, one.most_kib)).collect()
    }
}
