#include "cli/scenario_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "cli/load_flags.h"

namespace spillway::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

class ScenarioFileTest : public ::testing::Test {
 protected:
  Result<ScenarioFile> read(std::string_view text) { return read_scenario(text, "a.toml", flags_); }

  std::string error(std::string_view text) {
    const auto file = read(text);
    return file ? "none" : file.error().message;
  }

  LoadSettings settings_;
  FlagSet flags_ = load_flags(settings_);
};

TEST_F(ScenarioFileTest, HoldsFlagsAndShapes) {
  const auto file = read(R"(
    chatters = 5000
    interval = "5s-25s"

    [[burst]]
    at = "30s"
    for = "10s"
    factor = 20

    [[raid]]
    at = "1m"
    within = "3s"
    viewers = 400
    room = 2

    [churn]
    stay = "2m"
    away = "500ms"

    [slow]
    viewers = "1%"
    read = "2KiB"
  )");
  ASSERT_TRUE(file) << file.error().message;
  EXPECT_EQ(file->settings.at("chatters").text, "5000");
  const load::Scenario& scenario = file->scenario;
  ASSERT_EQ(scenario.bursts.size(), 1U);
  EXPECT_EQ(scenario.bursts[0].at, seconds(30));
  EXPECT_EQ(scenario.bursts[0].lasts, seconds(10));
  EXPECT_EQ(scenario.bursts[0].factor, 20);
  ASSERT_EQ(scenario.raids.size(), 1U);
  EXPECT_EQ(scenario.raids[0].viewers, 400U);
  EXPECT_EQ(scenario.raids[0].room, 1U) << "rooms are counted from 1 in the file";
  EXPECT_EQ(scenario.churn.stay, seconds(120));
  EXPECT_EQ(scenario.churn.away, milliseconds(500));
  EXPECT_DOUBLE_EQ(scenario.slow.share, 0.01);
  EXPECT_EQ(scenario.slow.bytes_per_second, 2048U);
}

TEST_F(ScenarioFileTest, NamesTheKeyAndTheMend) {
  EXPECT_EQ(error("chaters = 5"),
            "a.toml: chaters: is neither a flag of `spillway load` nor burst, raid, churn or slow; "
            "leave it out");
  EXPECT_EQ(error("[burst]\nat = \"1s\""), "a.toml: burst: is not a list; write [[...]] over each");
  EXPECT_EQ(error("[[burst]]\nfactor = 0"),
            "a.toml: burst.factor: give a number from 1e-06 to 1e+06");
  EXPECT_THAT(error("[[burst]]\nwhen = \"1s\""), HasSubstr("burst.when: there is no such setting"));
  EXPECT_THAT(error("[[burst]]\nat = \"soon\""), HasSubstr("burst.at: 'soon'"));
  EXPECT_EQ(error("[[raid]]\nviewers = 1.5"), "a.toml: raid.viewers: give a whole number");
  EXPECT_EQ(error("[slow]\nviewers = \"2\""),
            "a.toml: slow.viewers: '2' is no share; give one such as 5%");
  EXPECT_EQ(error("[slow]\nviewers = \"1x%\""),
            "a.toml: slow.viewers: '1x%' is no share; give one such as 5%");
  EXPECT_EQ(error("[[burst]]\nat = \"110000d\""), "a.toml: burst.at: '110000d' is more than 365d");
  EXPECT_EQ(error("churn = 5"), "a.toml: churn: is not a table; write [churn]");
  EXPECT_THAT(error("x ="), HasSubstr("a.toml: line 1"));
}

// Every file in scenarios/ can be run.
TEST_F(ScenarioFileTest, TheCommittedOnesAreRight) {
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(SPILLWAY_SCENARIOS)) {
    LoadSettings settings;
    const FlagSet flags = load_flags(settings);
    const std::string path = entry.path().string();
    const auto text = read_file(path, "--scenario");
    ASSERT_TRUE(text);
    const auto file = read_scenario(*text, path, flags);
    ASSERT_TRUE(file) << file.error().message;
    const Status stored = store(flags, file->settings);
    EXPECT_TRUE(stored) << stored.error().message;
    settings.options.scenario = file->scenario;
    const Status complete = complete_load_options(settings);
    EXPECT_TRUE(complete) << path << complete.error().message;
    ++files;
  }
  EXPECT_GE(files, 5U);
}

}  // namespace
}  // namespace spillway::cli
