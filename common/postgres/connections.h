#pragma once

#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/postgres/database_choice.h"
#include "common/postgres/flow_store.h"
#include "common/postgres/reader.h"
#include "common/postgres/session.h"
#include "common/postgres/writer.h"

namespace baton::postgres {

/// A flow store's connections: what each is for, with which settings, all to one database.
/// Threads: the io_context's only.
class Connections {
 public:
  Connections(boost::asio::io_context&, FlowStoreSettings);

  void start();
  void close();
  /// What the server says of its settings, and whether a standby follows it.
  void heard(const ServerWord&);

  boost::asio::io_context& io;
  const FlowStoreSettings settings;
  std::shared_ptr<Writer> writer, loader;
  std::shared_ptr<Reader> reader, checker;
  std::shared_ptr<Reader> hook_desk;  // what is asked there writes, too
  ports::FlowStore::Listener* listener = nullptr;

 private:
  using Refusal = std::function<std::string(const std::string& origin)>;
  SessionSettings session_settings(const char* whose, const std::vector<std::string>& options,
                                   Millis statement_timeout, Refusal) const;
  SessionSettings writer_settings();
  SessionSettings follower_settings(const char* whose, const std::vector<std::string>& options,
                                    Millis statement_timeout);
  std::string writer_found(const std::string& origin);
  std::string follower_found(const std::string& origin);
  void on_order(std::string_view payload) const;
  void repeat_hourly();

  const std::shared_ptr<HostResolver> resolver_;  // one for all: a name is asked for once
  DatabaseChoice choice_;
  boost::asio::steady_timer hourly_;
  std::string risk_;
};

}  // namespace baton::postgres
