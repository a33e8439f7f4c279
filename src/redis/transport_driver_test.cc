#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "redis/redis_driver_fixture.h"

namespace spillway::redis {
namespace {

using ::testing::HasSubstr;

class TransportDriver : public RedisDriverTest {};

TEST_F(TransportDriver, LogsInAndSelectsTheDatabase) {
  RedisServer server(
      {"--requirepass", "s3cret", "--user", "ada", "on", ">pw", "~*", "&*", "+@all"});
  server.start();
  const std::string at = server.url().substr(std::string("unix://").size());
  const auto by_password = connect(options("unix://:s3cret@" + at + "?db=3"));
  EXPECT_THAT(ask_text(*by_password, Command("CLIENT").arg("INFO")), HasSubstr(" db=3 "));
  const auto by_user = connect(options("unix://ada:pw@" + at));
  EXPECT_EQ(ask_text(*by_user, Command("ACL").arg("WHOAMI")), "ada");
  EXPECT_THAT(refusal("unix://ada:wrong@" + at),
              HasSubstr("refused the login: check user and password in the URL (WRONGPASS"));
  EXPECT_THAT(refusal(server.url()), HasSubstr("wants a password: write it in the URL"));
  EXPECT_THAT(refusal("unix://ada:pw@" + at + "?db=99"), HasSubstr("refused the database"));
}

TEST_F(TransportDriver, ConnectsByAddressAndByName) {
  const auto port = free_port();
  RedisServer server({"--port", std::to_string(port), "--bind", "127.0.0.1"});
  server.start();
  const auto by_address = connect(options(fmt::format("redis://127.0.0.1:{}", port)));
  EXPECT_EQ(ask_text(*by_address, Command("PING")), "PONG");
  const auto by_name = connect(options(fmt::format("redis://localhost:{}", port)));
  EXPECT_EQ(ask_text(*by_name, Command("PING")), "PONG");
}

TEST_F(TransportDriver, ExplainsWhatItCannotReach) {
  const auto port = free_port();
  const auto refused = start(options(fmt::format("redis://127.0.0.1:{}", port)));
  ASSERT_TRUE(run_until([&] { return !lost_.empty(); }));
  EXPECT_EQ(lost_[0], fmt::format("cannot connect to Redis at redis://127.0.0.1:{}: "
                                  "Connection refused",
                                  port));
  refused->stop();
  EXPECT_THAT(refusal("rediss://h?ca=/no/such/file"), HasSubstr("cannot read certificates"));
}

// A redis-server that speaks TLS with a certificate for `localhost` and 127.0.0.1 from an authority
// of its own.
class TlsDriver : public RedisDriverTest {
 protected:
  void SetUp() override {
    const std::string dir = server_.directory();
    const std::string made = fmt::format(
        "cd {} && exec >/dev/null 2>&1 && "
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
        "-subj /CN=ca -keyout ca.key -out ca.crt && "
        "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=redis "
        "-keyout redis.key -out redis.csr && "
        "echo subjectAltName=DNS:localhost,IP:127.0.0.1 > san && "
        "openssl x509 -req -in redis.csr -CA ca.crt -CAkey ca.key -CAcreateserial -days 2 "
        "-extfile san -out redis.crt",
        dir);
    ASSERT_EQ(std::system(made.c_str()), 0) << "the openssl command is missing";
    server_.start();
  }

  std::string url(std::string_view host, std::string_view query = "") const {
    return fmt::format("rediss://{}:{}{}", host, port_, query);
  }
  std::string trusted() const { return fmt::format("?ca={}/ca.crt", server_.directory()); }

  const std::uint16_t port_ = free_port();
  RedisServer server_{{"--tls-port", std::to_string(port_), "--bind", "127.0.0.1", "127.0.0.2",
                       "--tls-cert-file", "redis.crt", "--tls-key-file", "redis.key",
                       "--tls-ca-cert-file", "ca.crt", "--tls-auth-clients", "no",
                       "--protected-mode", "no"}};
};

TEST_F(TlsDriver, TrustsTheGivenAuthority) {
  for (const std::string host : {"127.0.0.1", "localhost"}) {
    const auto client = connect(options(url(host, trusted())));
    const std::string big(1024 * 1024, 'x');
    EXPECT_EQ(ask_text(*client, Command("ECHO").arg(big)).size(), big.size());
  }
}

TEST_F(TlsDriver, RefusesAnUnknownAuthority) {
  EXPECT_THAT(refusal(url("127.0.0.1")), HasSubstr("certificate is not trusted"));
}

TEST_F(TlsDriver, RefusesACertificateForAnotherHost) {
  EXPECT_THAT(refusal(url("127.0.0.2", trusted())),
              HasSubstr("certificate is not trusted (IP address mismatch)"));
}

TEST_F(TlsDriver, DoesNotSpeakTlsWithAPlainRedis) {
  const auto client = start(options(fmt::format("redis://127.0.0.1:{}", port_)));
  ASSERT_TRUE(run_until([&] { return lost_.size() >= 2; }));
  EXPECT_FALSE(client->connected());
}

TEST_F(TlsDriver, MayBeDestroyedBetweenAnyTwoHandlers) {
  connect(options(url("localhost", trusted())));
  destroy_between_handlers(url("localhost", trusted()), 40);
}

}  // namespace
}  // namespace spillway::redis
