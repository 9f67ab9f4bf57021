#include "monitoring/status_endpoint.hpp"

#include <functional>
#include <map>
#include <optional>
#include <sstream>
#include <utility>

#include <prometheus/collectable.h>
#include <prometheus/text_serializer.h>

#include "monitoring/http_server.hpp"
#include "monitoring/listening_address.hpp"
#include "monitoring/web_page.hpp"

namespace fulmar::monitoring {
namespace {

std::string exposition(const prometheus::Collectable& collectable) {
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, collectable.Collect());
  return std::move(text).str();
}

HttpServer::Site site_of(const RunMetrics& metrics, const RunBoard& board) {
  using Answer = std::function<HttpAnswer()>;
  const auto json = [](std::string text) { return HttpAnswer{.type = "application/json", .body = std::move(text)}; };
  std::map<std::string, Answer> answers;
  answers["/"] = [] {
    return HttpAnswer{
        .type = "text/html; charset=utf-8", .body = std::string(status_page()), .policy = status_page_policy()};
  };
  answers["/status.json"] = [json, &board] { return json(board.status_json()); };
  answers["/history.json"] = [json, &board] { return json(board.history_json()); };
  answers["/metrics"] = [collectable = metrics.collectable()] {
    return HttpAnswer{.type = "text/plain; version=0.0.4; charset=utf-8", .body = exposition(*collectable)};
  };
  return [answers = std::move(answers)](const std::string& path) -> std::optional<HttpAnswer> {
    const auto found = answers.find(path);
    if (found == answers.end()) return std::nullopt;
    return found->second();
  };
}

class ServingEndpoint final : public StatusEndpoint {
 public:
  explicit ServingEndpoint(std::unique_ptr<HttpServer> server) : server_(std::move(server)) {}
  std::uint16_t port() const override { return server_->port(); }

 private:
  std::unique_ptr<HttpServer> server_;
};

}  // namespace

Result<std::unique_ptr<StatusEndpoint>> serve(const std::string& address, const RunMetrics& metrics,
                                              const RunBoard& board) {
  const Result<ListeningAddress> listening = resolve(address);
  if (!listening) return listening.error();
  Result<std::unique_ptr<HttpServer>> server = HttpServer::listen(*listening, site_of(metrics, board));
  if (!server) return server.error();
  return std::unique_ptr<StatusEndpoint>(std::make_unique<ServingEndpoint>(std::move(*server)));
}

}  // namespace fulmar::monitoring
