#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "protocol/remove_server_script.h"
#include "server/scripts_fixture.h"

namespace spillway::server {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Pair;
using ::testing::UnorderedElementsAre;

// Both know what the next batch must not change.
struct Publisher {
  std::string run = "run-1";
  std::string epoch{};
  std::uint64_t seen = 0;
  std::string server = "server-a";
};

class Scripts : public ScriptsTest {
 protected:
  std::vector<std::string> settle(const Publisher& from, const std::string& fresh) {
    return texts(eval(settle_, {"meta", "log"},
                      {from.run, from.epoch, std::to_string(from.seen), fresh, "86400"}));
  }

  std::vector<std::string> publish(const Publisher& from, const std::string& fresh,
                                   std::uint64_t number, std::vector<std::string> lines,
                                   const std::string& keep_from = "0",
                                   const std::string& renew = "1") {
    const std::string count = std::to_string(lines.size());
    return texts(eval(publish_, {"meta", "log"},
                      {from.run, from.epoch, std::to_string(from.seen), fresh, "86400", "channel",
                       from.server, std::to_string(number), count, keep_from, "600000", renew,
                       fmt::format("{}", fmt::join(lines, "\n"))}));
  }

  std::vector<std::string> log() {
    return texts(eval(read_, {"log", "meta"}, {"-", "+", "1000000"}).reply[1]);
  }

  std::string text(const redis::Command& command) { return ask_text(*client_, command); }
  std::string meta(const std::string& field) {
    return text(redis::Command("HGET").arg("meta").arg(field));
  }

  const redis::Script count_{count_script()};
  const redis::Script remove_{protocol::remove_server_script()};
};

TEST_F(Scripts, ARoomBeginsWithTheEpochOfWhoCameFirst) {
  EXPECT_THAT(settle({}, "one"), ElementsAre("one", "0", "", "0"));
  EXPECT_THAT(settle({}, "two"), ElementsAre("one", "0", "", "0"));
  EXPECT_GT(ask(*client_, redis::Command("TTL").arg("meta")).reply.integer().value_or(0), 86'000);
}

TEST_F(Scripts, BatchesAreNumberedInOneOrder) {
  EXPECT_THAT(publish({}, "one", 1, {"a", "b"}), ElementsAre("one", "1"));
  EXPECT_THAT(publish({.server = "server-b"}, "two", 1, {"c"}), ElementsAre("one", "3"));
  EXPECT_THAT(settle({}, "three"), ElementsAre("one", "3", "", "0"));
  EXPECT_THAT(log(), ElementsAre("v1 one 3 1 server-b 1\nc", "v1 one 1 2 server-a 1\na\nb"));
}

TEST_F(Scripts, ARepeatedBatchIsLoggedOnce) {
  EXPECT_THAT(publish({}, "one", 7, {"a", "b"}), ElementsAre("one", "1"));
  EXPECT_THAT(publish({}, "one", 7, {"a", "b"}), ElementsAre("one", "1"));
  EXPECT_THAT(publish({.server = "server-b"}, "one", 7, {"c"}), ElementsAre("one", "3"));
  EXPECT_THAT(publish({}, "one", 7, {"a", "b"}), ElementsAre("one", "1"));
  EXPECT_THAT(log(), ::testing::SizeIs(2));
}

TEST_F(Scripts, ALateOriginalIsRefused) {
  EXPECT_THAT(publish({}, "one", 8, {"b"}), ElementsAre("one", "1"));
  EXPECT_THAT(publish({}, "one", 7, {"a"}), ElementsAre(HasSubstr("STALE")));
  EXPECT_THAT(log(), ::testing::SizeIs(1));
}

TEST_F(Scripts, AnotherRedisProcessMakesANewEpochThatContinuesTheCounter) {
  publish({}, "one", 1, {"a", "b"});
  const Publisher after{.run = "run-2", .epoch = "one", .seen = 2};
  EXPECT_THAT(settle(after, "two"), ElementsAre("two", "2", "one", "2"));
  EXPECT_THAT(settle(after, "three"), ElementsAre("two", "2", "one", "2"));
  EXPECT_THAT(publish(after, "four", 2, {"c"}), ElementsAre("two", "3"));
}

TEST_F(Scripts, ASeqBehindWhatWasSeenMakesANewEpoch) {
  publish({}, "one", 1, {"a"});
  EXPECT_THAT(settle({.epoch = "one", .seen = 1}, "two"), ElementsAre("one", "1", "", "0"));
  EXPECT_THAT(settle({.epoch = "other", .seen = 9}, "two"), ElementsAre("one", "1", "", "0"));
  EXPECT_THAT(settle({.epoch = "one", .seen = 2}, "two"), ElementsAre("two", "1", "one", "1"));
}

TEST_F(Scripts, ALogWithoutMetaIsOfAnotherLife) {
  publish({}, "one", 1, {"a", "b"});
  text(redis::Command("DEL").arg("meta"));
  EXPECT_THAT(settle({}, "two"), ElementsAre("two", "0", "", "0"));
  EXPECT_THAT(log(), ElementsAre());
}

TEST_F(Scripts, ALogFromAheadOfTheCounterGoes) {
  publish({}, "one", 1, {"a", "b", "c"});
  publish({}, "one", 2, {"d"});
  text(redis::Command("HSET").arg("meta").arg("seq").arg("1"));
  const Publisher after{.run = "run-2"};
  EXPECT_THAT(publish(after, "two", 3, {"e"}), ElementsAre("two", "2"));
  EXPECT_THAT(log(), ElementsAre("v1 two 2 1 server-a 3\ne"));
}

TEST_F(Scripts, AMetaThatMakesNoSenseIsAsGoodAsGone) {
  const std::vector<std::pair<std::string, std::string>> nonsense{{"seq", "many"},
                                                                  {"seq", "-5"},
                                                                  {"seq", "1.5"},
                                                                  {"seq", "1e300"},
                                                                  {"seq", "inf"},
                                                                  {"seq", "nan"},
                                                                  {"seq", "9223372036854775807"},
                                                                  {"epoch", "a b"},
                                                                  {"epoch", ""},
                                                                  {"epoch", std::string(65, 'e')}};
  for (const auto& [field, value] : nonsense) {
    ask(*client_, redis::Command("FLUSHALL"));
    publish({}, "one", 1, {"a", "b"});
    ask(*client_, redis::Command("HSET").arg("meta").arg(field).arg(value));
    EXPECT_THAT(publish({.epoch = "one", .seen = 2}, "two", 2, {"c"}), ElementsAre("two", "1"))
        << field << " " << value;
    EXPECT_THAT(log(), ElementsAre("v1 two 1 1 server-a 2\nc"));
  }
}

TEST_F(Scripts, ALastBatchThatMakesNoSenseIsNone) {
  publish({}, "one", 1, {"a"});
  ask(*client_, redis::Command("HSET").arg("meta").arg("b:server-a").arg("what"));
  EXPECT_THAT(publish({}, "two", 2, {"b"}), ElementsAre("one", "2"));
}

TEST_F(Scripts, WhatRedisRefusesLeavesNothingHalfDone) {
  publish({}, "one", 1, {"a"});
  text(redis::Command("DEL").arg("log"));
  text(redis::Command("SET").arg("log").arg("not a stream"));
  EXPECT_THAT(publish({}, "one", 2, {"b"}), ElementsAre(HasSubstr("WRONGTYPE")));
  EXPECT_EQ(meta("seq"), "1");
  EXPECT_THAT(meta("b:server-a"), ::testing::StartsWith("1 1 1 "));
}

TEST_F(Scripts, NothingIsWrittenBeyondMaxmemory) {
  publish({}, "one", 1, {"a"});
  ask(*client_, redis::Command("CONFIG").arg("SET").arg("maxmemory").arg("1"));
  EXPECT_THAT(publish({}, "one", 2, {"b"}), ElementsAre(HasSubstr("OOM")));
  EXPECT_THAT(publish({.run = "run-2"}, "two", 2, {"b"}), ElementsAre(HasSubstr("OOM")));
  EXPECT_THAT(settle({}, "two"), ElementsAre("one", "1", "", "0"));  // it can be read all the same
  ask(*client_, redis::Command("DEL").arg("meta"));
  EXPECT_THAT(publish({}, "two", 2, {"b"}), ElementsAre(HasSubstr("OOM")));
  ask(*client_, redis::Command("CONFIG").arg("SET").arg("maxmemory").arg("0"));
  EXPECT_THAT(publish({}, "two", 2, {"b"}), ElementsAre("two", "1"));
}

// A server writes the header that it expects; whatever it expects, what is logged and published is
// right.
TEST_F(Scripts, ABatchMayComeWithTheHeaderThatIsExpected) {
  publish({}, "one", 1, {"a"});
  const Publisher knows{.epoch = "one", .seen = 1};
  EXPECT_THAT(publish(knows, "two", 2, {"v1 one 2 2 server-a 2\nb", "c"}), ElementsAre("one", "2"));
  const Publisher other{.epoch = "one", .seen = 1, .server = "server-b"};
  EXPECT_THAT(publish(other, "two", 7, {"v1 one 2 2 server-b 7\nd", "e"}), ElementsAre("one", "4"));
  const Publisher elsewhere{.run = "run-2", .epoch = "one", .seen = 5};
  EXPECT_THAT(publish(elsewhere, "two", 3, {"v1 one 6 1 server-a 3\nf"}), ElementsAre("two", "6"));
  EXPECT_THAT(log(), ElementsAre("v1 two 6 1 server-a 3\nf", "v1 one 4 2 server-b 7\nd\ne",
                                 "v1 one 2 2 server-a 2\nb\nc", "v1 one 1 1 server-a 1\na"));
}

TEST_F(Scripts, ItKeepsFromTheEntryItIsTold) {
  publish({}, "one", 1, {"a", "b"});
  publish({}, "one", 2, {"c"});
  publish({.epoch = "one", .seen = 3}, "one", 3, {"d"}, "3");
  EXPECT_THAT(log(), ElementsAre("v1 one 4 1 server-a 3\nd", "v1 one 3 1 server-a 2\nc"));
}

// The room was evicted: what the server knew of its order says nothing of the new one.
TEST_F(Scripts, ATrimOfAnotherOrderIsNotDone) {
  const Publisher before{.epoch = "one", .seen = 20};
  EXPECT_THAT(publish(before, "two", 1, {"a"}, "16"), ElementsAre("two", "1"));
  EXPECT_THAT(log(), ::testing::SizeIs(1));
}

TEST_F(Scripts, LargeNumbersStayWhole) {
  publish({}, "one", 1, {"a"});
  text(redis::Command("HSET").arg("meta").arg("seq").arg("9000000000000000"));
  EXPECT_THAT(publish({}, "one", 2, {"b"}), ElementsAre("one", "9000000000000001"));
  EXPECT_EQ(meta("seq"), "9000000000000001");
}

TEST_F(Scripts, ServersOfLongAgoAreForgottenOnceThereAreMany) {
  for (int i = 0; i < 70; ++i) {
    text(redis::Command("HSET").arg("meta").arg(fmt::format("b:old-{}", i)).arg("1 1 1 1000"));
  }
  publish({}, "one", 1, {"a"});
  EXPECT_EQ(meta("b:old-3"), "");
  EXPECT_THAT(meta("b:server-a"), ::testing::StartsWith("1 1 1 "));
}

// Most batches leave alone what is renewed now and then, except where there is nothing to go by.
TEST_F(Scripts, WhatLastsIsRenewedWhenTheServerSaysSo) {
  const auto publish_one = [&](std::uint64_t number, const std::string& renew) {
    publish({}, "one", number, {"a"}, "0", renew);
  };
  const auto ttl = [&](const char* key) {
    return ask(*client_, redis::Command("TTL").arg(key)).reply.integer().value_or(0);
  };
  const auto make_old = [&](const std::string& last) {
    ask(*client_, redis::Command("EXPIRE").arg("meta").arg("100"));
    ask(*client_, redis::Command("EXPIRE").arg("log").arg("100"));
    ask(*client_, redis::Command("HSET").arg("meta").arg("b:server-a").arg(last));
  };
  publish_one(1, "0");
  EXPECT_GT(ttl("meta"), 86'000) << "it is new";
  EXPECT_GT(ttl("log"), 500);
  make_old("1 1 1 1000");
  publish_one(2, "0");
  EXPECT_LE(ttl("meta"), 100);
  EXPECT_LE(ttl("log"), 100);
  EXPECT_EQ(meta("b:server-a"), "2 2 1 1000");
  publish_one(3, "1");
  EXPECT_GT(ttl("meta"), 86'000);
  EXPECT_GT(ttl("log"), 500);
  EXPECT_THAT(meta("b:server-a"), AllOf(::testing::StartsWith("3 3 1 "), Not(HasSubstr(" 1000"))));
  make_old("3 3 1 sometime");
  publish_one(4, "0");
  EXPECT_GT(ttl("meta"), 86'000) << "its time makes no sense";
}

TEST_F(Scripts, ALogThatIsMadeAnewIsNotKeptForEver) {
  const auto ttl = [&] {
    return ask(*client_, redis::Command("TTL").arg("log")).reply.integer().value_or(0);
  };
  publish({}, "one", 1, {"a"});
  ask(*client_, redis::Command("DEL").arg("log"));
  publish({}, "one", 2, {"b"}, "0", "0");
  EXPECT_GT(ttl(), 500) << "evicted";
  // As if the meta had been lost and come back from an older time.
  ask(*client_, redis::Command("HSET").arg("meta").arg("seq").arg("0"));
  publish({}, "one", 3, {"c"}, "0", "0");
  EXPECT_GT(ttl(), 500) << "of another life";
  EXPECT_EQ(log().size(), 1U);
}

TEST_F(Scripts, ManyRoomsArePlacedAtOnce) {
  publish({}, "one", 1, {"a", "b"});
  text(redis::Command("SET").arg("odd").arg("no hash"));
  text(redis::Command("HSET").arg("half").arg("epoch").arg("two"));
  EXPECT_THAT(texts(eval(redis::Script(positions_script()), {"meta", "gone", "odd", "half"}, {})),
              ElementsAre("one", "2", "", "", "", "", "two", ""));
}

TEST_F(Scripts, APageOfTheLogEndsBeforeItsBytesAre) {
  for (std::uint64_t i = 1; i <= 40; ++i) publish({}, "one", i, {std::string(100, 'x')});
  const redis::Answer whole = eval(read_, {"log", "meta"}, {"-", "+", "1000000"});
  EXPECT_EQ(whole.reply[0].integer(), 1);
  EXPECT_EQ(whole.reply[1].size(), 40U);
  EXPECT_EQ(whole.reply[2].text(), "one");
  const redis::Answer page = eval(read_, {"log", "meta"}, {"-", "+", "1000"});
  EXPECT_EQ(page.reply[0].integer(), 0);
  EXPECT_EQ(page.reply[1].size(), 8U);
  const redis::Answer one = eval(read_, {"log", "meta"}, {"-", "(33-0", "10"});
  EXPECT_EQ(one.reply[0].integer(), 0);
  ASSERT_EQ(one.reply[1].size(), 1U) << "a batch that is larger than a page comes alone";
  EXPECT_THAT(std::string(one.reply[1][0].text()), HasSubstr("v1 one 32 1 "));
}

class CountScripts : public Scripts {
 protected:
  struct Room {
    std::string name;
    int viewers;
    int messages;
    int writes;
  };

  redis::Answer count(const std::string& id, const std::vector<Room>& rooms,
                      const std::string& unused_ms = "600000", const std::string& anew = "0") {
    std::vector<std::string> args{id,   "9", "90", "1.5", "5",   unused_ms,
                                  anew, "2", "id", id,    "url", "ws:"};
    for (const Room& room : rooms) {
      args.push_back(room.name);
      for (const int n : {room.viewers, room.messages, room.writes}) {
        args.push_back(std::to_string(n));
      }
    }
    return eval(count_,
                {"server:" + id, "s:clients", "s:writes", "s:loop", "s:fanout", "r:clients",
                 "r:messages", "r:writes", "r:idle"},
                args);
  }

  redis::Answer remove(const std::string& id, const std::string& silence_ms) {
    return eval(remove_,
                {"server:" + id, "s:clients", "s:writes", "s:loop", "s:fanout", "r:clients",
                 "r:idle", "b:servers"},
                {id, silence_ms});
  }

  std::map<std::string, std::string> scores(const std::string& key) {
    const auto answer =
        ask(*client_, redis::Command("ZRANGE").arg(key).arg("0").arg("-1").arg("WITHSCORES"));
    std::map<std::string, std::string> all;
    for (std::size_t i = 0; i + 1 < answer.reply.size(); i += 2) {
      all.emplace(answer.reply[i].text(), answer.reply[i + 1].text());
    }
    return all;
  }
};

TEST_F(CountScripts, RoomsAreCountedOverAllServers) {
  EXPECT_EQ(count("a", {{"lobby", 5, 2, 10}}).reply[1][0].integer(), 5);
  EXPECT_EQ(count("b", {{"lobby", 3, 1, 3}, {"den", 1, 0, 0}}).reply[1][0].integer(), 8);
  EXPECT_EQ(count("a", {{"lobby", 4, 0, 0}}).reply[1][0].integer(), 7);
  EXPECT_THAT(scores("r:clients"), UnorderedElementsAre(Pair("lobby", "7"), Pair("den", "1")));
  EXPECT_THAT(scores("r:messages"), UnorderedElementsAre(Pair("lobby", "3"), Pair("den", "0")));
  EXPECT_THAT(scores("r:writes"), UnorderedElementsAre(Pair("lobby", "13"), Pair("den", "0")));
  EXPECT_THAT(scores("s:clients"), UnorderedElementsAre(Pair("a", "9"), Pair("b", "9")));
}

TEST_F(CountScripts, AServerLearnsThatItsEntriesWereTaken) {
  EXPECT_EQ(count("a", {}).reply[0].integer(), 0);
  EXPECT_EQ(count("a", {}).reply[0].integer(), 1);
  text(redis::Command("DEL").arg("server:a"));
  EXPECT_EQ(count("a", {}).reply[0].integer(), 0);
}

TEST_F(CountScripts, WhoCountsAnewTakesBackWhatStandsUnderItsName) {
  count("a", {{"lobby", 5, 2, 10}, {"den", 2, 0, 0}});
  count("b", {{"lobby", 3, 0, 0}});
  text(redis::Command("HSET").arg("server:a").arg("chat:odd").arg("many"));
  for (int repeat = 0; repeat < 2; ++repeat) {  // as after a call whose fate is unknown
    EXPECT_EQ(count("a", {{"lobby", 1, 0, 0}}, "600000", "1").reply[1][0].integer(), 4);
  }
  EXPECT_THAT(scores("r:clients"), UnorderedElementsAre(Pair("lobby", "4"), Pair("den", "0")));
  EXPECT_EQ(text(redis::Command("HGET").arg("server:a").arg("chat:lobby")), "1");
  EXPECT_EQ(
      ask(*client_, redis::Command("HEXISTS").arg("server:a").arg("chat:den")).reply.integer(), 0);
  count("b", {}, "0");
  EXPECT_THAT(scores("r:clients"), UnorderedElementsAre(Pair("lobby", "4")));
}

TEST_F(CountScripts, ARemovedServerTakesItsViewersBack) {
  count("a", {{"lobby", 5, 2, 10}, {"den", 2, 0, 0}});
  count("b", {{"lobby", 3, 0, 0}});
  EXPECT_EQ(remove("a", "0").reply.integer(), 1);
  EXPECT_THAT(scores("r:clients"), UnorderedElementsAre(Pair("lobby", "3"), Pair("den", "0")));
  EXPECT_THAT(scores("s:clients"), UnorderedElementsAre(Pair("b", "9")));
  EXPECT_EQ(text(redis::Command("HGET").arg("server:a").arg("id")), "");
}

TEST_F(CountScripts, AServerThatStillBeatsIsNotDead) {
  count("a", {{"lobby", 5, 0, 0}});
  EXPECT_EQ(remove("a", "5000").reply.integer(), 0);
  EXPECT_THAT(scores("r:clients"), UnorderedElementsAre(Pair("lobby", "5")));
}

TEST_F(CountScripts, ARoomWithoutViewersGoesAfterItsTime) {
  count("a", {{"lobby", 1, 1, 1}, {"den", 1, 0, 0}});
  count("a", {{"lobby", 0, 0, 0}});
  EXPECT_THAT(scores("r:clients"), UnorderedElementsAre(Pair("lobby", "0"), Pair("den", "1")));
  count("a", {}, "0");
  EXPECT_THAT(scores("r:clients"), UnorderedElementsAre(Pair("den", "1")));
  EXPECT_THAT(scores("r:messages"), UnorderedElementsAre(Pair("den", "0")));
}

TEST_F(CountScripts, ARoomThatComesBackStays) {
  count("a", {{"lobby", 1, 0, 0}});
  count("a", {{"lobby", 0, 0, 0}});
  count("a", {{"lobby", 2, 0, 0}});
  count("a", {}, "0");
  EXPECT_THAT(scores("r:clients"), UnorderedElementsAre(Pair("lobby", "2")));
}

}  // namespace
}  // namespace spillway::server
