#include "load/expectation.h"

#include <gtest/gtest.h>

namespace spillway::load {
namespace {

using std::chrono::milliseconds;

RunResult some_run() {
  RunResult run;
  run.total.counts[static_cast<std::size_t>(Metric::kSent)] = 100;
  run.total.missing = 2;
  run.total.latency.record(milliseconds(10), 99);
  run.total.latency.record(milliseconds(500));
  return run;
}

bool holds(std::string_view text, const RunResult& run) {
  const auto expectations = parse_expectations(text);
  EXPECT_TRUE(expectations) << text;
  return judge(*expectations, run).at(0).held;
}

TEST(Expectations, CompareWhatTheRunHad) {
  const RunResult run = some_run();
  EXPECT_TRUE(holds("sent=100", run));
  EXPECT_FALSE(holds("sent=99", run));
  EXPECT_FALSE(holds("lost=0", run));
  EXPECT_TRUE(holds("lost<3", run));
  EXPECT_FALSE(holds("lost<2", run));
  EXPECT_TRUE(holds("lost<=2", run));
  EXPECT_TRUE(holds("sent>=100", run));
  EXPECT_FALSE(holds("sent>100", run));
  EXPECT_TRUE(holds("p50<11ms", run));
  EXPECT_TRUE(holds("max>499ms", run));
  EXPECT_FALSE(holds("max<0.4s", run));
}

TEST(Expectations, KnowEveryCountOfTheJson) {
  for (const NamedMetric& metric : kNamedMetrics) {
    EXPECT_TRUE(parse_expectations(std::string(metric.name) + "=0")) << metric.name;
  }
  EXPECT_TRUE(holds("moved=0,unsent=0", some_run()));
}

TEST(Expectations, AreAList) {
  const auto all = parse_expectations("lost=2,p99<100ms,reconnects=0");
  ASSERT_TRUE(all);
  const auto judgements = judge(*all, some_run());
  ASSERT_EQ(judgements.size(), 3U);
  EXPECT_EQ(judgements[1].text, "p99<100ms");
  EXPECT_TRUE(judgements[0].held && judgements[1].held && judgements[2].held);
}

TEST(Expectations, NoPercentileOfNothingHolds) { EXPECT_FALSE(holds("p99<100ms", RunResult{})); }

TEST(Expectations, SayWhatMakesNoSense) {
  EXPECT_EQ(parse_expectations("lost").error().message,
            "'lost' compares with nothing; write it like lost=0 or p99<100ms");
  EXPECT_EQ(parse_expectations("lost=x").error().message,
            "'lost=x' needs a number, such as lost=0");
  EXPECT_NE(parse_expectations("lots=0").error().message.find("'lots=0' names no number"),
            std::string::npos);
  EXPECT_FALSE(parse_expectations("p99<100"));
  EXPECT_FALSE(parse_expectations("lost=0,,p99<1s"));
}

}  // namespace
}  // namespace spillway::load
