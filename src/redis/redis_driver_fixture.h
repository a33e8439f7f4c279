// For tests of the drivers: a loop, and a Client whose events are written down.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "redis/client.h"
#include "redis/redis_server.h"
#include "redis/url.h"

namespace spillway::redis {

class RedisDriverTest : public ::testing::Test {
 protected:
  static constexpr std::chrono::seconds kPatience{20};  // only a failing test waits that long

  ClientOptions options(std::string_view url) {
    ClientOptions options;
    options.url = *parse_url(url);
    options.client_name = "test";
    options.connect_timeout = kPatience;  // a TLS handshake under a sanitizer on a busy machine
    return options;
  }

  // Runs the loop until `happened`; false if it never does.
  template <typename Condition>
  bool run_until(Condition happened) {
    const TimePoint limit = Clock::now() + kPatience;
    while (!happened() && Clock::now() < limit) io_.run_one_for(std::chrono::milliseconds(100));
    return happened();
  }

  std::unique_ptr<Client> start(ClientOptions client_options) {
    auto client = std::make_unique<Client>(io_, std::move(client_options), log_);
    client->start([this](const Connected& connected) { connected_.push_back(connected); },
                  [this](const Error& error) { lost_.push_back(error.message); });
    return client;
  }

  // A client that is connected. What failed while redis-server was starting is forgotten.
  std::unique_ptr<Client> connect(ClientOptions client_options) {
    auto client = start(std::move(client_options));
    EXPECT_TRUE(run_until([&] { return client->connected(); })) << last_loss();
    lost_.clear();
    return client;
  }

  // The first failure of a client that should not get in. redis-server may still be starting, so
  // what is said before it listens does not count.
  std::string refusal(std::string_view url) {
    lost_.clear();
    const auto client = start(options(url));
    const auto is_starting = [](const std::string& why) {
      return why.ends_with("Connection refused") || why.ends_with("No such file or directory");
    };
    run_until(
        [&] { return client->connected() || (!lost_.empty() && !is_starting(lost_.back())); });
    EXPECT_FALSE(client->connected());
    return last_loss();
  }

  std::string last_loss() const { return lost_.empty() ? "" : lost_.back(); }

  // Sends and awaits the answer.
  Answer ask(Client& client, const Command& command) {
    std::optional<Answer> got;
    const auto sent = client.send(command, [&](Answer answer) { got = std::move(answer); });
    EXPECT_EQ(sent, Client::Sent::kQueued);
    EXPECT_TRUE(run_until([&] { return got.has_value(); }));
    return got ? std::move(*got) : Answer();
  }

  std::string ask_text(Client& client, const Command& command) {
    const Answer answer = ask(client, command);
    return std::string(answer.reply.is_error() ? answer.reply.error_text() : answer.reply.text());
  }

  // A client may go at any time: after so many handlers of its connecting and asking, each number
  // up to `handlers_max`. Redis is there already.
  void destroy_between_handlers(const std::string& url, int handlers_max) {
    for (int handlers = 0; handlers < handlers_max; ++handlers) {
      io_.restart();
      auto client = start(options(url));
      for (int i = 0; i < handlers; ++i) {
        if (client->connected()) (void)client->send(Command("PING"), [](Answer) {});
        io_.run_one();
      }
      client.reset();
      io_.run();
    }
  }

  boost::asio::io_context io_{1};
  Log log_{LogLevel::kOff};
  std::vector<Connected> connected_;
  std::vector<std::string> lost_;
};

}  // namespace spillway::redis
