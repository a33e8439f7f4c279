#include "cli/load_flags.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace spillway::cli {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;

class LoadFlagsTest : public ::testing::Test {
 protected:
  Status set(std::string_view flag, std::string_view text) { return flags_.find(flag)->set(text); }

  LoadSettings settings_;
  FlagSet flags_ = load_flags(settings_);
};

// The defaults that people know from such harnesses.
TEST_F(LoadFlagsTest, HasTheDefaultsOfTheContract) {
  const std::map<std::string, std::string> defaults{
      {"balancer", "http://127.0.0.1:3000"},
      {"chatters", "2000"},
      {"rooms", "1"},
      {"interval", "5s-25s"},
      {"stagger", "100ms"},
      {"reconnect-delay", "500ms"},
      {"duration", "1m"},
      {"size", "60B"},
      {"distribution", "uniform"},
      {"talkers", "100%"},
  };
  for (const auto& [flag, text] : defaults) EXPECT_EQ(flags_.find(flag)->show(), text) << flag;
}

TEST_F(LoadFlagsTest, ReadsWhatItShows) {
  for (const Flag& flag : flags_.all()) {
    const std::string shown = flag.show();
    if (shown.empty()) continue;
    EXPECT_TRUE(flag.set(shown)) << flag.name << " " << shown;
  }
  EXPECT_TRUE(set("interval", "250ms"));
  EXPECT_EQ(flags_.find("interval")->show(), "250ms");
  EXPECT_TRUE(set("talkers", "0.5%"));
  EXPECT_DOUBLE_EQ(settings_.options.talkers, 0.005);
  EXPECT_TRUE(set("find-limit", "p99=100ms"));
  EXPECT_EQ(settings_.p99_max, std::chrono::milliseconds(100));
}

TEST_F(LoadFlagsTest, RefusesWhatMakesNoSense) {
  for (const auto& [flag, text] :
       std::multimap<std::string, std::string>{{"interval", "25s-5s"},
                                               {"talkers", "0%"},
                                               {"talkers", "5"},
                                               {"find-limit", "100ms"},
                                               {"size", "31"},
                                               {"size", "61KiB"},
                                               {"talkers", "1x%"},
                                               {"reconnect-delay", "31s"},
                                               {"find-limit", "p99=110000d"},
                                               {"expect", "p99<110000d"},
                                               {"server", "http://a"},
                                               {"balancer", "ws://a"},
                                               {"distribution", "zipf"},
                                               {"expect", "lost"}}) {
    EXPECT_FALSE(set(flag, text)) << flag << " " << text;
  }
}

TEST_F(LoadFlagsTest, KnowsTheNamesOfSuchHarnesses) {
  std::map<std::string, std::string> variables{
      {"LOAD_BALANCER_URL", "http://a:1"},
      {"CHATTER_COUNT", "7"},
      {"CHAT_ROOM_COUNT", "3"},
      {"MESSAGE_INTERVAL_MIN_MS", "100"},
      {"MESSAGE_INTERVAL_MAX_MS", "200"},
      {"INITIAL_CONNECT_STAGGER_MS", "5"},
      {"RECONNECT_DELAY_MS", "50"},
  };
  const Environment environment = [&](const std::string& name) -> std::optional<std::string> {
    const auto found = variables.find(name);
    return found == variables.end() ? std::nullopt : std::optional(found->second);
  };
  ASSERT_TRUE(store(flags_, harness_environment(environment)));
  EXPECT_EQ(settings_.options.balancer, "http://a:1");
  EXPECT_EQ(settings_.options.viewers, 7U);
  EXPECT_EQ(settings_.options.rooms, 3U);
  EXPECT_EQ(flags_.find("interval")->show(), "100ms-200ms");
  EXPECT_EQ(flags_.find("stagger")->show(), "5ms");
  EXPECT_EQ(flags_.find("reconnect-delay")->show(), "50ms");
  variables["CHATTER_COUNT"] = "many";
  EXPECT_THAT(store(flags_, harness_environment(environment)).error().message,
              HasSubstr("CHATTER_COUNT: 'many'"));
  variables = {{"MESSAGE_INTERVAL_MIN_MS", "1000"}};
  ASSERT_TRUE(store(flags_, harness_environment(environment)));
  EXPECT_EQ(flags_.find("interval")->show(), "1s-25s") << "the other one keeps its default";
}

TEST_F(LoadFlagsTest, SaysWhatAScenarioAndRoomsDoNotAgreeOn) {
  settings_.options.scenario.raids.push_back({seconds(1), seconds(1), 5, 3});
  EXPECT_EQ(complete_load_options(settings_).error().message,
            "--scenario: a raid goes to chat-room-4, and --rooms is 1");
}

// Without registered nobody could say from when on it is in another room.
TEST_F(LoadFlagsTest, RefusesRaidsWithoutResume) {
  settings_.options.scenario.raids.push_back({seconds(1), seconds(1), 5, 0});
  EXPECT_TRUE(complete_load_options(settings_));
  settings_.no_resume = true;
  const Status status = complete_load_options(settings_);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().message,
            "--no-resume: a raid needs servers that answer with registered; leave out the flag, or "
            "[[raid]] in the scenario");
}

}  // namespace
}  // namespace spillway::cli
