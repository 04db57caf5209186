#include "conductor/inbox_watch.h"

#include <algorithm>

#include "common/runtime/log.h"

namespace baton::conductor {

void InboxWatch::set(std::function<bool()> echo, std::function<bool()> awaited,
                     std::function<void()> changed) {
  echo_ = std::move(echo);
  awaited_ = std::move(awaited);
  changed_ = std::move(changed);
}

void InboxWatch::awaiting() {
  if (!looking_) look_later();
}

void InboxWatch::heard() {
  forget();
  if (!readable_) judge(true);
}

void InboxWatch::forget() {
  quiet_ = Millis{0};
  next_echo_ = bounds_.inbox_quiet;
  echoed_at_.reset();
}

void InboxWatch::look_later() {
  looking_ = true;
  clock_.after(bounds_.inbox_look, alive_.guard([this] {
    looking_ = false;
    look();
  }));
}

void InboxWatch::look() {
  if (readable_ && !awaited_()) return forget();
  quiet_ += bounds_.inbox_look;
  if (quiet_ >= next_echo_ && echo_()) {
    if (!echoed_at_) echoed_at_ = quiet_;
    next_echo_ = quiet_ + std::min(quiet_, bounds_.echo_pause_max);  // the bus keeps each: the pause doubles
  }
  if (readable_ && echoed_at_ && quiet_ - *echoed_at_ >= bounds_.echo_patience) judge(false);
  look_later();
}

void InboxWatch::judge(bool readable) {
  readable_ = readable;
  if (readable) {
    runtime::Log().info("our inbox brings messages again");
  } else {
    runtime::Log().warning("our inbox brings nothing, not even what we send to it ourselves",
                           {{"quiet_ms", quiet_.count()}});
  }
  changed_();
}

}  // namespace baton::conductor
