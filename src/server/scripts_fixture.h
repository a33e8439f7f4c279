// For tests of the scripts: a redis-server of its own, and its answers as text.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "redis/redis_driver_fixture.h"
#include "redis/script.h"
#include "server/scripts.h"

namespace spillway::server {

class ScriptsTest : public redis::RedisDriverTest {
 protected:
  void SetUp() override {
    server_.start();
    client_ = connect(options(server_.url()));
  }

  redis::Answer eval(const redis::Script& script, std::vector<std::string> keys,
                     std::vector<std::string> args) {
    std::optional<redis::Answer> got;
    EXPECT_EQ(script.eval(*client_, std::move(keys), std::move(args),
                          [&](redis::Answer answer) { got = std::move(answer); }),
              redis::Client::Sent::kQueued);
    EXPECT_TRUE(run_until([&] { return got.has_value(); }));
    return got ? std::move(*got) : redis::Answer();
  }

  template <typename List>
  static std::vector<std::string> texts_in(const List& list) {
    std::vector<std::string> all;
    for (std::size_t i = 0; i < list.size(); ++i) all.emplace_back(list[i].text());
    return all;
  }
  static std::vector<std::string> texts(const redis::ReplyView& list) { return texts_in(list); }
  // All texts of an answer, or its error.
  static std::vector<std::string> texts(const redis::Answer& answer) {
    if (answer.reply.is_error()) return {std::string(answer.reply.error_text())};
    return texts_in(answer.reply);
  }

  redis::RedisServer server_{{"--maxmemory-policy", "noeviction"}};
  std::unique_ptr<redis::Client> client_;
  const redis::Script settle_{settle_script()};
  const redis::Script publish_{publish_script()};
  const redis::Script read_{read_script()};
};

}  // namespace spillway::server
