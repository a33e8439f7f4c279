// Against a real master, its replica and Sentinels.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "redis/redis_driver_fixture.h"
#include "redis/subscriber.h"

namespace spillway::redis {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

// A process on a port of 127.0.0.1.
struct OnPort {
  explicit OnPort(RedisServer::Mode mode, std::vector<std::string> arguments = {})
      : server(with_port(std::move(arguments)), mode) {
    server.start();
  }
  std::vector<std::string> with_port(std::vector<std::string> arguments) const {
    arguments.insert(arguments.end(), {"--port", std::to_string(port), "--bind", "127.0.0.1"});
    return arguments;
  }
  std::string url(std::string_view login = "") const {
    return fmt::format("redis://{}127.0.0.1:{}", login, port);
  }

  const std::uint16_t port = free_port();
  RedisServer server;
};

// A Sentinel that is told which Redis is the master "main".
class SentinelDriver : public RedisDriverTest {
 protected:
  void SetUp() override {
    first_id_ = run_id(first_.url());
    second_id_ = run_id(second_.url());
    operator_ = connect(options(sentinel_.url()));
    watch(first_.port);
  }

  void watch(std::uint16_t port) {
    ask(*operator_, Command("SENTINEL").arg("REMOVE").arg("main"));
    const auto monitor = Command("SENTINEL").arg("MONITOR").arg("main").arg("127.0.0.1");
    EXPECT_EQ(ask_text(*operator_, Command(monitor).arg(port).arg(1)), "OK");
  }

  std::string url(std::string_view rest = "main", std::string_view login = "") const {
    return fmt::format("redis+sentinel://{}127.0.0.1:{}/{}", login, sentinel_.port, rest);
  }

  std::string run_id(const std::string& of) {
    connect(options(of));
    return connected_.back().run_id;
  }

  OnPort first_{RedisServer::Mode::kServer};
  OnPort second_{RedisServer::Mode::kServer};
  OnPort sentinel_{RedisServer::Mode::kSentinel};
  std::string first_id_;
  std::string second_id_;
  std::unique_ptr<Client> operator_;
};

TEST_F(SentinelDriver, ConnectsToTheMaster) {
  EXPECT_EQ(run_id(url()), first_id_);
  const auto client = connect(options(url("main/3")));
  EXPECT_THAT(ask_text(*client, Command("CLIENT").arg("INFO")), HasSubstr(" db=3 "));
}

TEST_F(SentinelDriver, ASentinelThatIsGoneIsPassedOver) {
  EXPECT_EQ(run_id(fmt::format("redis+sentinel://127.0.0.1:{},127.0.0.1:{}/main", free_port(),
                               sentinel_.port)),
            first_id_);
}

TEST_F(SentinelDriver, ExplainsWhatItCannotFind) {
  EXPECT_THAT(refusal(url("other")),
              HasSubstr(fmt::format("no Sentinel of 127.0.0.1:{} knows the master 'other'",
                                    sentinel_.port)));
  lost_.clear();
  const auto nobody = start(options("redis+sentinel://127.0.0.1:1,127.0.0.1:2/main"));
  ASSERT_TRUE(run_until([&] { return !lost_.empty(); }));
  EXPECT_EQ(lost_[0],
            "cannot connect to Redis at redis+sentinel://127.0.0.1:1,127.0.0.1:2/main: "
            "no Sentinel of 127.0.0.1:1,127.0.0.1:2 knows the master 'main': check both in the URL "
            "(127.0.0.1:1: Connection refused; 127.0.0.1:2: Connection refused)");
}

TEST_F(SentinelDriver, TheLoginIsTheMasters) {
  ask(*connect(options(first_.url())),
      Command("CONFIG").arg("SET").arg("requirepass").arg("s3cret"));
  EXPECT_THAT(refusal(url()), HasSubstr("wants a password"));
  EXPECT_EQ(run_id(url("main", ":s3cret@")), first_id_);
  ask(*operator_, Command("CONFIG").arg("SET").arg("requirepass").arg("s3cret"));
  EXPECT_EQ(run_id(url("main", ":s3cret@")), first_id_) << "and a Sentinel's that asks for one";
}

TEST_F(SentinelDriver, AReplicaIsNotTaken) {
  const auto first = connect(options(first_.url()));
  ask(*first, Command("REPLICAOF").arg("127.0.0.1").arg(second_.port));
  EXPECT_THAT(refusal(url()),
              HasSubstr(fmt::format("Redis at redis://127.0.0.1:{} is no master, though a Sentinel "
                                    "says so",
                                    first_.port)));
}

TEST_F(SentinelDriver, FollowsTheMasterWhenTheConnectionBreaks) {
  const auto client = connect(options(url()));
  first_.server.kill();
  watch(second_.port);
  ASSERT_TRUE(run_until([&] { return connected_.back().run_id == second_id_; }));
  EXPECT_EQ(ask_text(*client, Command("PING")), "PONG");
}

TEST_F(SentinelDriver, FollowsTheMasterAlthoughTheOldOneIsThere) {
  const auto client = connect(options(url()));
  Subscriber subscriber(io_, options(url()), log_);
  std::string subscribed_on;
  subscriber.start([](std::string_view) {}, [](std::string_view, std::string_view) {},
                   [&](const Connected& connected) { subscribed_on = connected.run_id; },
                   [](const Error&) {});
  ASSERT_TRUE(run_until([&] { return subscribed_on == first_id_; }));
  watch(second_.port);
  ASSERT_TRUE(run_until(
      [&] { return connected_.back().run_id == second_id_ && subscribed_on == second_id_; }));
  EXPECT_THAT(last_loss(), HasSubstr(fmt::format("lost Redis at redis://127.0.0.1:{}: Sentinel "
                                                 "names 127.0.0.1:{} as the master now",
                                                 first_.port, second_.port)));
}

TEST_F(SentinelDriver, AWriteThatAReplicaRefusesEndsTheConnection) {
  const auto client = connect(options(url()));
  const auto first = connect(options(first_.url()));
  ask(*first, Command("REPLICAOF").arg("127.0.0.1").arg(second_.port));
  EXPECT_THAT(ask_text(*client, Command("SET").arg("a").arg("b")), HasSubstr("READONLY"));
  ASSERT_TRUE(run_until([&] { return !lost_.empty(); }));
  EXPECT_THAT(lost_[0], HasSubstr("it is a replica now"));
  ask(*first, Command("REPLICAOF").arg("NO").arg("ONE"));
  EXPECT_TRUE(run_until([&] { return client->connected(); }));
}

TEST_F(SentinelDriver, MayBeDestroyedBetweenAnyTwoHandlers) {
  operator_.reset();
  destroy_between_handlers(url(), 30);
}

}  // namespace
}  // namespace spillway::redis
