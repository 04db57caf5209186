#include "common/zookeeper/folder_mirror.h"

#include "common/zookeeper/guarded.h"

namespace baton::zookeeper {

FolderMirror::~FolderMirror() {
  session_.clock().cancel(timer_);
}

void FolderMirror::start() {
  started_ = true;
  refresh();
}

void FolderMirror::stop() {
  started_ = false;
  session_.clock().cancel(timer_);
}

void FolderMirror::on_session_lost() {
  ++round_;
  known_.clear();
  watched_.clear();
  fresh_.clear();
  watching_ = under_way_ = again_ = broken_ = false;
}

void FolderMirror::refresh() {
  if (!started_ || !session_.connected()) return;
  if (under_way_) {
    again_ = true;
    return;
  }
  under_way_ = true;
  list();
}

void FolderMirror::list() {
  std::function<void()> on_change;
  const bool set_watch = !std::exchange(watching_, true);
  if (set_watch)
    on_change = guarded(weak_from_this(), [round = round_](FolderMirror& self) {
      if (round != self.round_) return;
      self.watching_ = false;
      self.refresh();
    });
  const auto then = [round = round_, set_watch](FolderMirror& self,
                                                const Result<std::vector<std::string>, Error>& names) {
    if (round != self.round_) return;
    if (!names.ok() && set_watch) self.watching_ = false;
    self.on_names(names);
  };
  session_.children(path_, guarded(weak_from_this(), then), std::move(on_change));
}

void FolderMirror::on_names(const Result<std::vector<std::string>, Error>& names) {
  if (!names.ok()) {
    broken_ = true;
    if (names.error().code != Code::NoNode || std::exchange(made_folder_, true)) return finish();
    // There must be something to watch.
    session_.ensure_path(path_, [](const Result<void, Error>&) {});
    broken_ = false;
    return list();
  }
  made_folder_ = false;
  const std::set<std::string> present(names->begin(), names->end());
  std::erase_if(known_, [&](const auto& node) { return !present.contains(node.first); });
  std::erase_if(watched_, [&](const auto& name) { return !present.contains(name); });
  std::erase_if(fresh_, [&](const auto& name) { return !present.contains(name); });
  std::vector<std::string> unwatched, again;
  for (const auto& name : present) {
    if (!watched_.contains(name))
      unwatched.push_back(path_ + "/" + name);
    else if (!fresh_.contains(name))
      again.push_back(path_ + "/" + name);
  }
  parts_left_ = 2;
  read(std::move(unwatched), true);
  read(std::move(again), false);
}

void FolderMirror::read(std::vector<std::string> paths, bool watch) {
  const auto round = round_;
  std::function<void(const std::string&)> on_change;
  if (watch) {
    for (const auto& path : paths) watched_.insert(name_of(path));
    on_change = guarded(weak_from_this(), [round](FolderMirror& self, const std::string& path) {
      if (round != self.round_) return;
      self.watched_.erase(self.name_of(path));
      self.fresh_.erase(self.name_of(path));
      self.refresh();
    });
  }
  session_.get_many(
      std::move(paths),
      guarded(weak_from_this(),
              [round](FolderMirror& self, const std::string& path, const Result<Node, Error>& node) {
                if (round == self.round_) self.on_node(path, node);
              }),
      guarded(weak_from_this(),
              [round](FolderMirror& self) {
                if (round == self.round_ && --self.parts_left_ == 0) self.finish();
              }),
      std::move(on_change));
}

void FolderMirror::on_node(const std::string& path, const Result<Node, Error>& node) {
  const std::string name = name_of(path);
  if (node.ok()) {
    known_[name] = *node;
    fresh_.insert(name);
    return;
  }
  watched_.erase(name);
  known_.erase(name);
  if (node.error().code != Code::NoNode) broken_ = true;
}

void FolderMirror::finish() {
  under_way_ = false;
  const bool whole = !std::exchange(broken_, false);
  if (!whole || timer_ == 0) set_timer(whole ? kFullReading : kRetry);
  if (whole && started_) on_picture_(known_);
  if (std::exchange(again_, false)) refresh();
}

void FolderMirror::set_timer(Millis delay) {
  session_.clock().cancel(timer_);
  timer_ = session_.clock().after(delay, guarded(weak_from_this(), [](FolderMirror& self) {
                                    self.timer_ = 0;
                                    self.fresh_.clear();
                                    self.refresh();
                                  }));
}

}  // namespace baton::zookeeper
