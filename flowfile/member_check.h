#pragma once

#include "flowfile/form_check.h"
#include "flowfile/form_report.h"
#include "flowfile/grammar.h"
#include "flowfile/node.h"

namespace baton::flowfile {

/// Tells which members of a mapping are not what the tables of grammar.h say.
class MemberCheck {
 public:
  MemberCheck(Stage stage, FormReport& report) : stage_(stage), report_(report) {}

  void check(const Node& map, const Shape&);
  void decider(const Node& when);
  bool is_kind(const Node&, Node::Kind, const Rule&);  // else that is told
  /// May become another value when parameters are put in.
  bool open(const Node&) const;
  bool open_whole(const Node&) const;  // of any kind

 private:
  void value(const Node&, const Rule&);
  void unknown(const Member&, const Shape&);
  void refuse_twice(const Node& map, const Member&);
  void name(const Node&, const Rule&);
  void path(const Node&, const Rule&);
  void texts(const Node&, const Rule&);
  void text_map(const Node&, const Rule&);
  void integer(const Node&, const Rule&);
  void decimal(const Node&, const Rule&);
  void choice(const Node&, const Rule&);
  void duration(const Node&, const Rule&);
  void provides(const Node&, const Rule&);
  void backoff(const Node&);
  void parameters(const Node&, const Rule&);

  const Stage stage_;
  FormReport& report_;
};

}  // namespace baton::flowfile
