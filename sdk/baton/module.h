/* The C ABI between Baton and modules (.so) of flows and tasks: baton_module_v1.
 *
 * Only C types and JSON bytes cross. No exception, no C++ object, no memory ownership but by the rules below.
 * A module is loaded once and never unloaded. Authors use the C++ wrappers beside this file (flow.h, task.h),
 * which catch everything.
 *
 * Threads: a flow's `build` and a retry policy's `execute` and `on_failure` are called on one thread at a
 * time, a task's `execute` and `revert` on many at once.
 */
#ifndef BATON_MODULE_H
#define BATON_MODULE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define BATON_MODULE_ABI 2u

/* Bytes that the callee does not own and that live during the call. */
typedef struct baton_bytes {
  const char* data;
  size_t size;
} baton_bytes;

/* How a call gives bytes back: it calls `write` once with ok or failed; the host copies. */
typedef struct baton_sink {
  void* host;
  /* failed == 0: JSON result. failed != 0: JSON failure {"type": str, "message": str, "details": any}. */
  void (*write)(void* host, int failed, baton_bytes json);
} baton_sink;

/* What a running task can ask and tell. Valid during the call; callable from the task's own threads while it
 * runs. */
typedef struct baton_task_context {
  void* host;
  baton_bytes
      idempotency_key; /* "<flow>/<atom>/EXECUTE/<attempt>": the same for every delivery of the attempt */
  baton_bytes flow;    /* uuid; (flow, atom, dispatch) is the fencing token */
  baton_bytes atom;
  baton_bytes job;
  uint64_t dispatch; /* show it to the target: refuse a lower one than seen for (flow, atom) */
  uint32_t attempt;
  int (*cancelled)(void* host);                                 /* not 0: end soon */
  int (*wait_cancelled)(void* host, uint64_t milliseconds);     /* sleeps; not 0: cancelled meanwhile */
  void (*progress)(void* host, double share, baton_bytes note); /* 0 … 1 */
  /* Calls then(self) once when the task is asked to end: on a thread of the host, or here and now if it has
   * been asked already. It must return at once and not call the context. then == NULL takes it back; after
   * that it is not called any more. */
  void (*on_cancel)(void* host, void (*then)(void* self), void* self);
} baton_task_context;

typedef struct baton_task_type {
  baton_bytes name; /* "server.create" */
  baton_bytes description;
  void* self;
  /* arguments: JSON object. */
  void (*execute)(void* self, const baton_task_context*, baton_bytes arguments, baton_sink);
  /* arguments: {"arguments": {…}, "result": any, "failure": {…} | null, "flow_failures": {atom: {…}}}. */
  void (*revert)(void* self, const baton_task_context*, baton_bytes arguments, baton_sink);
} baton_task_type;

typedef struct baton_flow_factory {
  baton_bytes name; /* "create-cluster" */
  baton_bytes description;
  /* JSON: [{"name": str, "type": "string|integer|number|boolean|list|object|any", "items": type?, "required":
   * bool, "default": any?, "description": str}, …]; checked by the host before `build` is called. */
  baton_bytes parameters;
  void* self;
  /* parameters: JSON object with defaults filled in. Gives the flow in conformance/FORMAT.md's JSON with
   * Baton's members. */
  void (*build)(void* self, baton_bytes parameters, baton_sink);
} baton_flow_factory;

/* A retry's policy. It is asked in the middle of a flow's step, so it answers at once: no I/O, no waiting.
 * What it says is recorded, and not asked again after a restart. */
typedef struct baton_retry_policy {
  baton_bytes name; /* "quota.until_free" */
  baton_bytes description;
  void* self;
  /* call: {"retry": str, "parameters": any, "arguments": {…}, "history": [{"value": any, "failures": {atom:
   * {…}}}, …]} with an entry for each attempt so far. Gives what the next attempt's flow is given, or fails.
   */
  void (*execute)(void* self, baton_bytes call, baton_sink);
  /* call: the same, and "failed": the atom, "failure": {"type", "message", "details"}; the history's last
   * entry is the attempt that failed. Gives "RETRY", "REVERT", "REVERT_ALL" or "SUSPEND". */
  void (*on_failure)(void* self, baton_bytes call, baton_sink);
} baton_retry_policy;

typedef struct baton_module_v1 {
  uint32_t abi; /* BATON_MODULE_ABI */
  baton_bytes name;
  baton_bytes version;
  const baton_task_type* tasks;
  size_t task_count;
  const baton_flow_factory* flows;
  size_t flow_count;
  const baton_retry_policy* retries;
  size_t retry_count;
  baton_bytes error; /* why the module could not define itself; empty: it could */
} baton_module_v1;

/* The one symbol that a module exports. The result lives as long as the process. */
#define BATON_MODULE_ENTRY "baton_module"
typedef const baton_module_v1* (*baton_module_entry)(void);

#ifdef __cplusplus
}
#endif
#endif
