# Completion of ktm for bash: source it, or copy it to /usr/share/bash-completion/completions/ktm.
# deno task build makes it from the tables in src/cli.
# shellcheck shell=bash disable=SC2207
_ktm() {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
  local command=run words
  if ((COMP_CWORD > 1)) && [[ ${COMP_WORDS[1]} != -* ]]; then command=${COMP_WORDS[1]}; fi
  COMPREPLY=()
  case $previous in
    --config) compopt -o filenames; COMPREPLY=($(compgen -f -- "$current")); return ;;
    --interval) :; return ;;
    --comm-prefix) :; return ;;
    --cgroup-path) :; return ;;
    --comm-fallback) COMPREPLY=($(compgen -W "always when-unset never" -- "$current")); return ;;
    --modules) COMPREPLY=($(compgen -W "iomonitor procmonitor writemonitor" -- "$current")); return ;;
    --object) :; return ;;
    --strategies) :; return ;;
    --recorder-memory-limit) :; return ;;
    --recorder-file) :; return ;;
    --listen) :; return ;;
    --allowed-hosts) :; return ;;
    --log-level) COMPREPLY=($(compgen -W "debug info warn error" -- "$current")); return ;;
    --log-format) COMPREPLY=($(compgen -W "text json" -- "$current")); return ;;
    --latency-floor) :; return ;;
    --latency-rise) :; return ;;
    --fewest-calls) :; return ;;
    --pressure-rise) :; return ;;
    --duration) :; return ;;
    --format) COMPREPLY=($(compgen -W "prometheus json table" -- "$current")); return ;;
    --from) compopt -o filenames; COMPREPLY=($(compgen -f -- "$current")); return ;;
  esac
  case $command in
    run) words="--config --interval --comm-prefix --cgroup-path --comm-fallback --modules --object --strategies --recorder-memory-limit --recorder-file --listen --allowed-hosts --log-level --log-format --self-stats --latency-floor --latency-rise --fewest-calls --pressure-rise --help --version" ;;
    check) words="--config --interval --comm-prefix --cgroup-path --comm-fallback --modules --object --strategies --json --help" ;;
    snapshot) words="--config --interval --comm-prefix --cgroup-path --comm-fallback --modules --object --strategies --duration --format --help" ;;
    top) words="--config --comm-prefix --cgroup-path --comm-fallback --modules --object --strategies --interval --help" ;;
    explain) words="--config --comm-prefix --cgroup-path --comm-fallback --modules --object --strategies --duration --from --json --latency-floor --latency-rise --fewest-calls --pressure-rise --help" ;;
    demo) words="--config --interval --comm-prefix --cgroup-path --comm-fallback --modules --object --strategies --duration --help" ;;
    version) words="--help" ;;
    *) return ;;
  esac
  if ((COMP_CWORD == 1)); then words+=" run check snapshot top explain demo version"; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _ktm ktm
