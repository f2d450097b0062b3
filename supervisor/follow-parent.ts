// Loaded into every part before its own code: when the supervisor is gone, however it went, the part ends as on SIGTERM.

process.once("disconnect", () => process.kill(process.pid, "SIGTERM"));
// The channel alone must not keep a part alive that has nothing left to do.
process.channel?.unref();
