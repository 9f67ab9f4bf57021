#include "tests/monitoring/http_client.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cctype>
#include <cstring>
#include <sstream>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>

namespace fulmar::monitoring {

RawConnection::RawConnection(std::uint16_t port) : descriptor_(socket(AF_INET, SOCK_STREAM, 0)) {
  BOOST_REQUIRE(descriptor_ >= 0);
  const timeval deadline{10, 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &deadline, sizeof deadline);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  sockaddr generic{};
  static_assert(sizeof generic == sizeof address);
  std::memcpy(&generic, &address, sizeof address);
  BOOST_REQUIRE(connect(descriptor_, &generic, sizeof generic) == 0);
}

RawConnection::~RawConnection() {
  close(descriptor_);
}

void RawConnection::send(const std::string& bytes) {
  ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
}

bool RawConnection::receive_more(std::string& into) {
  std::array<char, 4096> buffer{};
  const ssize_t got = recv(descriptor_, buffer.data(), buffer.size(), 0);
  BOOST_REQUIRE_MESSAGE(got >= 0 || errno == ECONNRESET, "no answer in ten seconds");
  if (got <= 0) return false;
  into.append(buffer.data(), static_cast<std::size_t>(got));
  return true;
}

std::string RawConnection::receive_all() {
  std::string all;
  while (receive_more(all)) {
  }
  return all;
}

std::string RawConnection::receive_answer() {
  std::string answer;
  std::size_t end = std::string::npos;
  while ((end = answer.find("\r\n\r\n")) == std::string::npos) BOOST_REQUIRE(receive_more(answer));
  const std::size_t body_bytes = std::stoul(parse_answer(answer).headers.at("content-length"));
  while (answer.size() < end + 4 + body_bytes) BOOST_REQUIRE(receive_more(answer));
  BOOST_TEST(answer.size() == end + 4 + body_bytes);
  return answer;
}

ParsedAnswer parse_answer(const std::string& answer) {
  ParsedAnswer parsed;
  const std::size_t end = answer.find("\r\n\r\n");
  BOOST_REQUIRE_MESSAGE(end != std::string::npos && answer.starts_with("HTTP/1.1 "), answer);
  parsed.body = answer.substr(end + 4);
  std::istringstream lines(answer.substr(0, end));
  std::string line;
  std::getline(lines, line);
  parsed.status = std::stoi(line.substr(9));
  while (std::getline(lines, line)) {
    const std::size_t colon = line.find(": ");
    BOOST_REQUIRE_MESSAGE(colon != std::string::npos, line);
    std::string name = line.substr(0, colon);
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
    if (line.back() == '\r') line.pop_back();
    BOOST_TEST(parsed.headers.emplace(name, line.substr(colon + 2)).second, line + ": twice");
  }
  return parsed;
}

ParsedAnswer request(std::uint16_t port, const std::string& method, const std::string& path, const std::string& more) {
  RawConnection connection(port);
  connection.send(method + " " + path + " HTTP/1.1\r\n" + more + "Connection: close\r\n\r\n");
  return parse_answer(connection.receive_all());
}

}  // namespace fulmar::monitoring
