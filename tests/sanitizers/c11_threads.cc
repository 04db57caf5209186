/// For programs under ThreadSanitizer: librdkafka makes and guards its threads by <threads.h>, of which the
/// runtime of g++ 12 takes no notice: a thread it has not seen made crashes in the first call it watches, and
/// what such a mutex guards looks like a race. These stand before the C library's, which are the same calls
/// by other names.
#include <errno.h>
#include <pthread.h>
#include <threads.h>

#include <memory>

namespace {

static_assert(sizeof(mtx_t) == sizeof(pthread_mutex_t) && sizeof(cnd_t) == sizeof(pthread_cond_t));

pthread_mutex_t* as_pthread(mtx_t* mutex) {
  return reinterpret_cast<pthread_mutex_t*>(mutex);
}
pthread_cond_t* as_pthread(cnd_t* condition) {
  return reinterpret_cast<pthread_cond_t*>(condition);
}

int to_thrd(int error) {
  switch (error) {
    case 0:
      return thrd_success;
    case ENOMEM:
      return thrd_nomem;
    case ETIMEDOUT:
      return thrd_timedout;
    case EBUSY:
      return thrd_busy;
    default:
      return thrd_error;
  }
}

struct Start {
  thrd_start_t run;
  void* argument;
};

void* begin(void* given) {
  const std::unique_ptr<Start> start(static_cast<Start*>(given));
  const auto [run, argument] = *start;
  return reinterpret_cast<void*>(static_cast<intptr_t>(run(argument)));
}

}  // namespace

extern "C" {

int thrd_create(thrd_t* thread, thrd_start_t run, void* argument) {
  auto start = std::make_unique<Start>(Start{run, argument});
  const int error = pthread_create(thread, nullptr, begin, start.get());
  if (error == 0) static_cast<void>(start.release());
  return to_thrd(error);
}
int thrd_join(thrd_t thread, int* result) {
  void* left = nullptr;
  const int error = pthread_join(thread, &left);
  if (result) *result = static_cast<int>(reinterpret_cast<intptr_t>(left));
  return to_thrd(error);
}

int mtx_init(mtx_t* mutex, int kind) {
  pthread_mutexattr_t attributes;
  pthread_mutexattr_init(&attributes);
  if ((kind & mtx_recursive) != 0) pthread_mutexattr_settype(&attributes, PTHREAD_MUTEX_RECURSIVE);
  const int error = pthread_mutex_init(as_pthread(mutex), &attributes);
  pthread_mutexattr_destroy(&attributes);
  return to_thrd(error);
}
int mtx_lock(mtx_t* mutex) {
  return to_thrd(pthread_mutex_lock(as_pthread(mutex)));
}
int mtx_unlock(mtx_t* mutex) {
  return to_thrd(pthread_mutex_unlock(as_pthread(mutex)));
}
void mtx_destroy(mtx_t* mutex) {
  pthread_mutex_destroy(as_pthread(mutex));
}

int cnd_init(cnd_t* condition) {
  return to_thrd(pthread_cond_init(as_pthread(condition), nullptr));
}
int cnd_signal(cnd_t* condition) {
  return to_thrd(pthread_cond_signal(as_pthread(condition)));
}
int cnd_broadcast(cnd_t* condition) {
  return to_thrd(pthread_cond_broadcast(as_pthread(condition)));
}
int cnd_wait(cnd_t* condition, mtx_t* mutex) {
  return to_thrd(pthread_cond_wait(as_pthread(condition), as_pthread(mutex)));
}
int cnd_timedwait(cnd_t* condition, mtx_t* mutex, const timespec* until) {
  return to_thrd(pthread_cond_timedwait(as_pthread(condition), as_pthread(mutex), until));
}
void cnd_destroy(cnd_t* condition) {
  pthread_cond_destroy(as_pthread(condition));
}

void call_once(once_flag* flag, void (*run)()) {
  static_assert(sizeof(once_flag) == sizeof(pthread_once_t));
  pthread_once(reinterpret_cast<pthread_once_t*>(flag), run);
}

}  // extern "C"
