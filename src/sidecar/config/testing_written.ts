/** A value for each configuration key, for tests. @module */

/** Values as they stand in a file, each for its key and no default. */
export const WRITTEN: Readonly<Record<string, string>> = {
  "collector.interval": "1m30s",
  "collector.modules": "[iomonitor, other]",
  "collector.ebpf.cgroup_path": "/sys/fs/cgroup/db",
  "collector.ebpf.comm_prefix": "postgres",
  "collector.ebpf.comm_fallback": "never",
  "recorder.memory_limit": "32MiB",
  "recorder.file": "/run/ktm/recorder",
  "diagnosis.latency_floor": "1.5ms",
  "diagnosis.latency_rise": "3",
  "diagnosis.fewest_calls": "1000",
  "diagnosis.pressure_rise": "2.25",
  "exporter.listen": "[::1]:19095",
  "exporter.allowed_hosts": "[ktm.example, db1]",
  "log.level": "debug",
  "log.format": "json",
};
