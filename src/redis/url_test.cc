#include "redis/url.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace spillway::redis {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Url parsed(std::string_view text) {
  auto url = parse_url(text);
  EXPECT_TRUE(url) << text << ": " << (url ? "" : url.error().message);
  return url ? *url : Url();
}

std::string why_not(std::string_view text) {
  const auto url = parse_url(text);
  EXPECT_FALSE(url) << text;
  return url ? "" : url.error().message;
}

TEST(RedisUrl, TakesHostAndPort) {
  const Url url = parsed("redis://10.0.0.1:7000");
  EXPECT_EQ(url.kind, Url::Kind::kTcp);
  EXPECT_EQ(url.host, "10.0.0.1");
  EXPECT_EQ(url.port, 7000);
  EXPECT_EQ(url.database, 0);
}

TEST(RedisUrl, HasThePortAndDatabaseOfRedisByDefault) {
  EXPECT_EQ(parsed("redis://db").port, 6379);
  EXPECT_EQ(parsed("redis://db/").database, 0);
  EXPECT_EQ(parsed("redis://db/7").database, 7);
}

TEST(RedisUrl, TakesIpv6InBrackets) {
  const Url url = parsed("redis://[::1]:7000/2");
  EXPECT_EQ(url.host, "::1");
  EXPECT_EQ(url.port, 7000);
  EXPECT_EQ(display(url), "redis://[::1]:7000/2");
  EXPECT_EQ(parsed("redis://[fe80::2]").port, 6379);
}

TEST(RedisUrl, DecodesUserAndPassword) {
  const Url url = parsed("rediss://a%3ab:p%40s%2Fs%25@h:1");
  EXPECT_EQ(url.kind, Url::Kind::kTls);
  EXPECT_EQ(url.user, "a:b");
  EXPECT_EQ(url.password, "p@s/s%");
  EXPECT_EQ(url.host, "h");
  EXPECT_EQ(parsed("redis://:secret@h").user, "");
  EXPECT_EQ(parsed("redis://:a:b@c@h").password, "a:b@c");
}

TEST(RedisUrl, TakesACaFileWithTlsOnly) {
  EXPECT_EQ(parsed("rediss://h?ca=/etc/my%20ca.pem").ca_file, "/etc/my ca.pem");
  EXPECT_EQ(parsed("rediss://h:1/3?ca=/ca").database, 3);
  EXPECT_THAT(why_not("redis://h?ca=/ca"), HasSubstr("rediss://"));
  EXPECT_THAT(why_not("rediss://h?key=/ca"), HasSubstr("ca="));
}

TEST(RedisUrl, TakesAUnixSocket) {
  const Url url = parsed("unix:///run/redis%20a.sock?db=4");
  EXPECT_EQ(url.kind, Url::Kind::kUnix);
  EXPECT_EQ(url.path, "/run/redis a.sock");
  EXPECT_EQ(url.database, 4);
  EXPECT_EQ(display(url), "unix:///run/redis a.sock?db=4");
  EXPECT_EQ(parsed("unix://:pw@/run/r.sock").password, "pw");
  EXPECT_EQ(parsed("unix:///run/a@b").path, "/run/a@b");
}

TEST(RedisUrl, RefusesASocketPathThatTheKernelCannotTake) {
  EXPECT_THAT(why_not("unix:///" + std::string(107, 'x')), HasSubstr("at most 107"));
  EXPECT_EQ(parsed("unix:///" + std::string(106, 'x')).path.size(), 107u);
  EXPECT_THAT(why_not("unix://run/redis.sock"), HasSubstr("absolute"));
  EXPECT_THAT(why_not("unix:///"), HasSubstr("absolute"));
}

TEST(RedisUrl, TakesSentinels) {
  const Url url = parsed("redis+sentinel://u:p@s1:1,s2,[::1]:3/main/5");
  EXPECT_EQ(url.kind, Url::Kind::kSentinel);
  EXPECT_THAT(url.sentinels,
              ::testing::ElementsAre(HostPort{"s1", 1}, HostPort{"s2", 26379}, HostPort{"::1", 3}));
  EXPECT_EQ(url.master_name, "main");
  EXPECT_EQ(url.database, 5);
  EXPECT_EQ(url.user, "u");
  EXPECT_EQ(display(url), "redis+sentinel://s1:1,s2:26379,[::1]:3/main/5");
  EXPECT_THAT(why_not("redis+sentinel://s1:1"), HasSubstr("name"));
  EXPECT_THAT(why_not("redis+sentinel:///main"), HasSubstr("no Sentinel"));
}

TEST(RedisUrl, RefusesWithASentenceThatNamesTheMend) {
  EXPECT_THAT(why_not("localhost:6379"), HasSubstr("redis://host:port"));
  EXPECT_THAT(why_not(""), HasSubstr("redis://host:port"));
  EXPECT_THAT(why_not("http://h"), HasSubstr("redis://host:port"));
  EXPECT_THAT(why_not("redis://"), HasSubstr("no host"));
  EXPECT_THAT(why_not("redis://h:0"), HasSubstr("1 to 65535"));
  EXPECT_THAT(why_not("redis://h:65536"), HasSubstr("1 to 65535"));
  EXPECT_THAT(why_not("redis://h:"), HasSubstr("1 to 65535"));
  EXPECT_THAT(why_not("redis://::1:6379"), HasSubstr("no host"));
  EXPECT_THAT(why_not("redis://fe80::1"), HasSubstr("[ ]"));
  EXPECT_THAT(why_not("redis://[::1"), HasSubstr("]"));
  EXPECT_THAT(why_not("redis://[::1]x"), HasSubstr("]"));
  EXPECT_THAT(why_not("redis://h/one"), HasSubstr("database"));
  EXPECT_THAT(why_not("redis://h/-1"), HasSubstr("database"));
  EXPECT_THAT(why_not("redis://h/1/2"), HasSubstr("database"));
  EXPECT_THAT(why_not("redis://ada@h"), HasSubstr("user:password@"));
  EXPECT_THAT(why_not("redis://ada:@h"), HasSubstr("empty password"));
  EXPECT_THAT(why_not("redis://:a%2@h"), HasSubstr("%25"));
  EXPECT_THAT(why_not("redis://:a%zz@h"), HasSubstr("%25"));
  EXPECT_THAT(why_not("redis://:a%00@h"), HasSubstr("password"));
}

TEST(RedisUrl, NeverRepeatsThePassword) {
  for (const std::string text :
       {"redis://:s3cret%@h", "redis://ada:s3cret/x@h", "redis://ada:1/s3cret@h",
        "redis://ada:1?s3cret@h", "rediss://ada:1?s3cret=@h", "unix://ada:1?s3cret@/p",
        "redis://:s3cret@h:99999", "redis://[s3cret@h"}) {
    EXPECT_THAT(why_not(text), Not(HasSubstr("s3cret"))) << text;
  }
  EXPECT_EQ(display(parsed("redis://ada:s3cret@h:1/2")), "redis://h:1/2");
  EXPECT_EQ(display(parsed("rediss://:s3cret@h")), "rediss://h:6379");
}

}  // namespace
}  // namespace spillway::redis
