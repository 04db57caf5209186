#include <cstdlib>
#include <iostream>

#include "common/kafka/topics.h"

/// delete_topics BROKERS PREFIX: a fleet that ends takes its topics from the tests' broker.
int main(int argc, char** argv) {
  if (argc != 3) {
    std::cerr << "usage: delete_topics BROKERS PREFIX\n";
    return EXIT_FAILURE;
  }
  baton::kafka::KafkaSettings settings;
  settings.brokers = argv[1];
  settings.topic_prefix = argv[2];
  const auto done = baton::kafka::delete_topics(settings);
  if (done.ok()) return EXIT_SUCCESS;
  std::cerr << "delete_topics: " << done.error().message << '\n';
  return EXIT_FAILURE;
}
