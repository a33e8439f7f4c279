#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "redis/redis_driver_fixture.h"
#include "redis/subscriber.h"

namespace spillway::redis {
namespace {

class SubscriberDriver : public RedisDriverTest {
 protected:
  std::unique_ptr<Subscriber> listen() {
    auto subscriber = std::make_unique<Subscriber>(io_, options(server_.url()), log_);
    subscriber->start([this](std::string_view channel) { ++confirmed_[std::string(channel)]; },
                      [this](std::string_view channel, std::string_view payload) {
                        messages_.push_back(fmt::format("{}: {}", channel, payload));
                      },
                      [this](const Connected&) { ++connections_; },
                      [this](const Error& error) { listener_lost_.push_back(error.message); });
    return subscriber;
  }

  bool publish(Client& client, std::string_view channel, std::string_view payload) {
    return ask(client, Command("PUBLISH").arg(channel).arg(payload)).reply.integer() == 1;
  }

  RedisServer server_;
  std::map<std::string, int> confirmed_;
  std::vector<std::string> messages_;
  int connections_ = 0;
  std::vector<std::string> listener_lost_;
};

TEST_F(SubscriberDriver, PassesMessagesOnInOrder) {
  server_.start();
  const auto client = connect(options(server_.url()));
  const auto subscriber = listen();
  subscriber->subscribe("a");
  ASSERT_TRUE(run_until([&] { return confirmed_["a"] == 1; }));
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(publish(*client, "a", std::to_string(i)));
  ASSERT_TRUE(run_until([&] { return messages_.size() == 100; }));
  EXPECT_EQ(messages_[0], "a: 0");
  EXPECT_EQ(messages_[99], "a: 99");
}

TEST_F(SubscriberDriver, LeavesAChannel) {
  server_.start();
  const auto client = connect(options(server_.url()));
  const auto subscriber = listen();
  subscriber->subscribe("a");
  ASSERT_TRUE(run_until([&] { return confirmed_["a"] == 1; }));
  subscriber->unsubscribe("a");
  ASSERT_TRUE(run_until([&] { return subscriber->channels() == 0; }));
  EXPECT_FALSE(publish(*client, "a", "nobody"));
  subscriber->subscribe("a");
  ASSERT_TRUE(run_until([&] { return confirmed_["a"] == 2; }));
  EXPECT_TRUE(publish(*client, "a", "again"));
}

TEST_F(SubscriberDriver, SubscribesToEverythingAgainAfterAKill) {
  server_.start();
  const auto client = connect(options(server_.url()));
  const auto subscriber = listen();
  constexpr int kChannels = 1234;  // more than two chunks
  for (int i = 0; i < kChannels; ++i) subscriber->subscribe(fmt::format("c{}", i));
  const auto confirmed_times = [&](int times) {
    return std::count_if(confirmed_.begin(), confirmed_.end(),
                         [&](const auto& entry) { return entry.second == times; });
  };
  ASSERT_TRUE(run_until([&] { return confirmed_times(1) == kChannels; }));
  server_.kill();
  ASSERT_TRUE(run_until([&] { return !listener_lost_.empty() && !lost_.empty(); }));
  EXPECT_FALSE(subscriber->connected());
  server_.start();
  ASSERT_TRUE(run_until([&] { return confirmed_times(2) == kChannels && client->connected(); }));
  EXPECT_EQ(connections_, 2);
  EXPECT_TRUE(publish(*client, "c1233", "back"));
  EXPECT_TRUE(run_until([&] { return !messages_.empty(); }));
}

TEST_F(SubscriberDriver, CarriesBigMessages) {
  server_.start();
  const auto client = connect(options(server_.url()));
  const auto subscriber = listen();
  subscriber->subscribe("a");
  ASSERT_TRUE(run_until([&] { return confirmed_["a"] == 1; }));
  const std::string big(3 * 1024 * 1024, 'x');
  EXPECT_TRUE(publish(*client, "a", big));
  ASSERT_TRUE(run_until([&] { return !messages_.empty(); }));
  EXPECT_EQ(messages_[0].size(), big.size() + 3);
}

TEST_F(SubscriberDriver, ChangesChannelsInsideACallback) {
  server_.start();
  const auto client = connect(options(server_.url()));
  Subscriber subscriber(io_, options(server_.url()), log_);
  std::vector<std::string> order;
  subscriber.start(
      [&](std::string_view channel) {
        order.emplace_back(channel);
        if (channel != "a") return;
        subscriber.unsubscribe("a");
        subscriber.subscribe("b");
      },
      [&](std::string_view, std::string_view) { subscriber.stop(); }, [](const Connected&) {},
      [](const Error&) {});
  subscriber.subscribe("a");
  ASSERT_TRUE(run_until([&] { return order.size() == 2; }));
  EXPECT_EQ(order[1], "b");
  EXPECT_TRUE(publish(*client, "b", "stop"));
  EXPECT_TRUE(run_until([&] { return !subscriber.connected(); }));
}

TEST_F(SubscriberDriver, MayBeDestroyedBetweenAnyTwoHandlers) {
  server_.start();
  connect(options(server_.url()));
  for (int handlers = 0; handlers < 15; ++handlers) {
    io_.restart();
    auto subscriber = listen();
    subscriber->subscribe("a");
    for (int i = 0; i < handlers && !io_.stopped(); ++i) io_.run_one_for(kPatience / 400);
    subscriber.reset();
    io_.restart();
    io_.run();
  }
}

}  // namespace
}  // namespace spillway::redis
