#include "cli/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/server_flags.h"

namespace spillway::cli {
namespace {

using testing::HasSubstr;

const CommandInfo kInfo{"server", "  spillway server"};

// One run of the layers, all but the process's own environment and file system.
struct Layers {
  std::string file;
  std::map<std::string, std::string> environment;
  std::vector<std::string> arguments;
};

Status configure(const Layers& layers, server::ServerOptions& options) {
  const FlagSet flags = server_flags(options);
  const auto line = read_command_line(kInfo, flags, layers.arguments);
  if (!line) return line.error();
  const auto file = read_config(layers.file, "a.toml", kInfo, flags);
  if (!file) return file.error();
  const auto environment =
      read_environment(flags, [&](const std::string& name) -> std::optional<std::string> {
        const auto found = layers.environment.find(name);
        if (found == layers.environment.end()) return std::nullopt;
        return found->second;
      });
  if (Status status = store(flags, overlay(overlay(*file, environment), line->settings)); !status) {
    return status;
  }
  return check_server_options(options);
}

std::string error_of(const Layers& layers) {
  server::ServerOptions options;
  const Status status = configure(layers, options);
  return status ? std::string() : status.error().message;
}

TEST(Config, StrongerLayersWin) {
  const std::string file = "[server]\nport = 1\nrate-limit = '1/1s'\nthreads = 2\n";
  const std::map<std::string, std::string> environment{{"SPILLWAY_PORT", "3"},
                                                       {"SPILLWAY_RATE_LIMIT", "3/1s"}};
  struct Row {
    Layers layers;
    int port;
    std::uint32_t rate;
    unsigned threads;
  };
  const Row rows[] = {
      {{}, 8080, 20, 1},
      {{file, {}, {}}, 1, 1, 2},
      {{"", environment, {}}, 3, 3, 1},
      {{file, environment, {}}, 3, 3, 2},
      {{file, environment, {"--port", "4"}}, 4, 3, 2},
      {{file, {}, {"--rate-limit=4/1s", "--threads", "5"}}, 1, 4, 5},
  };
  for (const Row& row : rows) {
    server::ServerOptions options;
    ASSERT_TRUE(configure(row.layers, options));
    EXPECT_EQ(options.port, row.port);
    EXPECT_EQ(options.rate_limit.count, row.rate);
    EXPECT_EQ(options.threads, row.threads);
  }
}

TEST(Config, TheSameValueIsRefusedInEveryLayerAndTheLayerIsNamed) {
  EXPECT_THAT(error_of({"", {}, {"--port", "99999"}}), HasSubstr("--port: '99999' is not a port"));
  EXPECT_THAT(error_of({"", {{"SPILLWAY_PORT", "x"}}, {}}), HasSubstr("SPILLWAY_PORT: 'x' is not"));
  EXPECT_THAT(error_of({"[server]\nport = -1\n", {}, {}}), HasSubstr("a.toml: server.port: '-1'"));
}

TEST(Config, AnOverriddenMistakeDoesNotMatter) {
  EXPECT_EQ(error_of({"", {{"SPILLWAY_PORT", "x"}}, {"--port", "1"}}), "");
}

TEST(Config, UnknownFlagsAreNamedWithTheNearestOne) {
  EXPECT_THAT(error_of({"", {}, {"--prot", "1"}}), HasSubstr("--prot; did you mean --port?"));
  EXPECT_THAT(error_of({"", {}, {"--nothing-like-it"}}), HasSubstr("--help"));
  EXPECT_THAT(error_of({"", {}, {"stray"}}), HasSubstr("'stray' belongs to no flag"));
}

TEST(Config, AFlagWithoutValueIsNamed) {
  EXPECT_THAT(error_of({"", {}, {"--port"}}), HasSubstr("--port needs a value"));
}

TEST(Config, UnknownKeysAndTablesOfTheFileAreNamed) {
  EXPECT_THAT(error_of({"[server]\nprot = 1\n", {}, {}}),
              HasSubstr("a.toml: server.prot is not a setting"));
  EXPECT_THAT(error_of({"[servr]\n", {}, {}}), HasSubstr("'servr' is not a command"));
  EXPECT_THAT(error_of({"server = 1\n", {}, {}}), HasSubstr("'server' is not a table"));
  EXPECT_THAT(error_of({"[server]\nport = [1]\n", {}, {}}), HasSubstr("server.port"));
  EXPECT_THAT(error_of({"[server\n", {}, {}}), HasSubstr("a.toml: line 1"));
}

TEST(Config, TablesOfOtherCommandsAreNotLookedInto) {
  EXPECT_EQ(error_of({"[chat]\nroom = 'lobby'\n", {}, {}}), "");
}

TEST(Config, ValuesMayBeEmptyBracketedOrBeginWithADash) {
  server::ServerOptions options;
  options.redis_prefix = "before";
  ASSERT_TRUE(configure({"", {}, {"--redis-prefix", ""}}, options));
  EXPECT_EQ(options.redis_prefix, "");
  ASSERT_TRUE(configure({"", {}, {"--redis-prefix", "[a,b]"}}, options));
  EXPECT_EQ(options.redis_prefix, "[a,b]");
  ASSERT_TRUE(configure({"", {}, {"--redis-prefix=-x"}}, options));
  EXPECT_EQ(options.redis_prefix, "-x");
  ASSERT_TRUE(configure({"", {}, {"--redis-prefix=", "--port", "7"}}, options));
  EXPECT_EQ(options.redis_prefix, "");
  EXPECT_EQ(options.port, 7);
}

TEST(Config, TheLastOfARepeatedFlagCounts) {
  server::ServerOptions options;
  ASSERT_TRUE(configure({"", {}, {"--port", "1", "--port", "2"}}, options));
  EXPECT_EQ(options.port, 2);
}

TEST(Config, HelpShowsDefaultsWithUnitsAndTheExample) {
  server::ServerOptions options;
  const auto line = read_command_line(kInfo, server_flags(options), {"--help"});
  ASSERT_TRUE(line);
  for (const char* const part : {"--flush-interval-max", "100ms", "20/30s", "2KiB", "8MiB",
                                 "skip|close", "Example:\n  spillway server"}) {
    EXPECT_THAT(line->answer, HasSubstr(part));
  }
}

TEST(Config, ASwitchStandsAloneOrHasAValue) {
  const struct {
    std::vector<std::string> arguments;
    bool on;
  } cases[] = {{{}, false},
               {{"--json"}, true},
               {{"--json=true"}, true},
               {{"--json=false"}, false},
               {{"--json", "--json=false"}, false},
               {{"--json", "--room", "lobby"}, true}};
  for (const auto& [arguments, on] : cases) {
    bool json = false;
    std::string room;
    FlagSet flags;
    flags.add(switch_flag(json, {"json", "As JSON"}));
    flags.add(text_flag(room, {"room", "Where"}));
    const auto line = read_command_line(kInfo, flags, arguments);
    ASSERT_TRUE(line);
    ASSERT_TRUE(store(flags, line->settings));
    EXPECT_EQ(json, on);
  }
  bool json = false;
  FlagSet flags;
  flags.add(switch_flag(json, {"json", "As JSON"}));
  EXPECT_FALSE(store(flags, {{"json", {"yes", "SPILLWAY_JSON"}}}));
  EXPECT_FALSE(read_command_line(kInfo, flags, {"--json", "stray"}));
}

TEST(ServerFlags, AWildcardHostNeedsAnAdvertisedUrl) {
  EXPECT_THAT(error_of({"", {}, {"--host", "0.0.0.0"}}), HasSubstr("--advertise-url"));
  EXPECT_THAT(error_of({"", {}, {"--host", "::"}}), HasSubstr("--advertise-url"));
  EXPECT_EQ(error_of({"", {}, {"--host", "0.0.0.0", "--advertise-url", "wss://a.example"}}), "");
  EXPECT_THAT(error_of({"", {}, {"--advertise-url", "http://a"}}), HasSubstr("ws://"));
}

TEST(ServerFlags, ValuesAreBounded) {
  EXPECT_THAT(error_of({"", {}, {"--threads", "0"}}), HasSubstr("from 1 to 64"));
  EXPECT_THAT(error_of({"", {}, {"--threads", "65"}}), HasSubstr("from 1 to 64"));
  EXPECT_THAT(error_of({"", {}, {"--redis", "http://x"}}), HasSubstr("--redis: "));
  EXPECT_THAT(error_of({"", {}, {"--id", "me"}}), HasSubstr("not a UUID"));
  EXPECT_THAT(error_of({"", {}, {"--io", "iouring"}}), HasSubstr("auto|send|uring"));
  EXPECT_THAT(error_of({"", {}, {"--slow-viewer", "drop"}}), HasSubstr("skip|close"));
  EXPECT_THAT(error_of({"", {}, {"--history-ttl", "0"}}), HasSubstr("1s to 30d"));
  EXPECT_THAT(error_of({"", {}, {"--message-bytes-max", "2MiB"}}), HasSubstr("1B to 1MiB"));
}

TEST(ServerFlags, ArgumentsOfAChildSayTheSameAgain) {
  server::ServerOptions given;
  ASSERT_TRUE(configure({"",
                         {},
                         {"--port", "0", "--rate-limit", "off", "--slow-viewer", "close",
                          "--history-window", "90s", "--connections-max", "12"}},
                        given));
  server::ServerOptions again;
  ASSERT_TRUE(configure({"", {}, server_flags(given).as_arguments()}, again));
  EXPECT_EQ(again.port, 0);
  EXPECT_FALSE(again.rate_limit.limited());
  EXPECT_EQ(again.slow_viewer, server::SlowViewer::kClose);
  EXPECT_EQ(again.history_window, std::chrono::seconds(90));
  EXPECT_EQ(again.connections_max, 12U);
}

}  // namespace
}  // namespace spillway::cli
