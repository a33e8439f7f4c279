#include "load/report.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "protocol/json_reader.h"

namespace spillway::load {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using ::testing::HasSubstr;

class ReportTest : public ::testing::Test {
 protected:
  ReportTest() {
    options_.viewers = 2000;
    run_.window = seconds(60);
    run_.deliveries_in_window = 600'000;
    run_.sent_in_window = 300;
    run_.total.counts[static_cast<std::size_t>(Metric::kSent)] = 310;
    run_.total.counts[static_cast<std::size_t>(Metric::kAcked)] = 310;
    run_.total.counts[static_cast<std::size_t>(Metric::kDeliveries)] = 620'000;
    run_.total.latency.record(milliseconds(8), 600'000);
    Snapshot snapshot;
    snapshot.at = TimePoint(seconds(1));
    run_.timeline.add(snapshot);
    snapshot.at = TimePoint(seconds(2));
    run_.timeline.add(snapshot);
  }

  Report report() const { return {head_, options_, run_, judgements_}; }

  ReportHead head_{"spillway load </script>", "abc", "2026-01-01T00:00:00Z"};
  LoadOptions options_;
  RunResult run_;
  std::vector<Judgement> judgements_;
};

// The fields that docs/load.md promises.
TEST_F(ReportTest, IsJsonWithThePromisedFields) {
  protocol::JsonReader reader(1024 * 1024);
  const std::string text = report_json(report());
  const auto json = reader.parse(text);
  ASSERT_TRUE(json) << text;
  for (const char* field :
       {"viewers", "rooms", "duration_s", "sent", "acked", "deliveries", "deliveries_per_s", "lost",
        "duplicates", "out_of_order", "gaps", "reconnects", "redistributed", "saturated", "commit",
        "seed", "target", "command", "at"}) {
    EXPECT_EQ((*json)[field].error(), simdjson::SUCCESS) << field;
  }
  for (const char* field : {"p50", "p90", "p99", "p999", "max"}) {
    EXPECT_EQ((*json)["latency_ms"][field].error(), simdjson::SUCCESS) << field;
  }
  EXPECT_EQ((*json)["machine"]["cores"].error(), simdjson::SUCCESS);
  EXPECT_EQ(double((*json)["deliveries_per_s"]), 10'000);
}

TEST_F(ReportTest, PutsItsDataIntoThePageOnceAndWhereNoTextCanEndIt) {
  const std::string page = report_page(report());
  EXPECT_EQ(page.find("%DATA%"), std::string::npos);
  EXPECT_EQ(page.find("spillway load </script>"), std::string::npos);
  EXPECT_THAT(page, HasSubstr(R"(spillway load \u003c/script>)"));
  EXPECT_THAT(page, HasSubstr(R"("p50":null)")) << "a second without deliveries has no percentile";
}

TEST_F(ReportTest, SaysTheVerdictFirst) {
  EXPECT_THAT(report_text(report()),
              ::testing::StartsWith(
                  "2,000 viewers in 1 room for 1 m 00 s: nothing lost, nothing doubled, all in "
                  "order\n"));
  run_.total.missing = 12;
  run_.total.counts[static_cast<std::size_t>(Metric::kDuplicates)] = 3;
  EXPECT_THAT(report_text(report()), HasSubstr("for 1 m 00 s: 12 lost, 3 doubled\n"));
}

TEST_F(ReportTest, SaysWhatDidNotHold) {
  judgements_ = {{"lost=0", 12, false}};
  EXPECT_THAT(report_text(report()), HasSubstr("lost=0: DID NOT HOLD (12)"));
}

}  // namespace
}  // namespace spillway::load
