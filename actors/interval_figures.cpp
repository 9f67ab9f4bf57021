#include "actors/interval_figures.hpp"

#include <algorithm>
#include <chrono>

#include <nlohmann/json.hpp>

namespace fulmar::actors {
namespace {

constexpr core::Time kInterval = std::chrono::seconds(1);

}  // namespace

void IntervalFigures::add(const core::Verdict& verdict, std::uint64_t samples) {
  samples_ += samples;
  gradient_norm_ = core::mean_gradient_norm(verdict);
  if (verdict.attempt.lease == 0) return;
  ++staleness_.updates;
  staleness_.sum += verdict.staleness();
  staleness_.max = std::max(staleness_.max, verdict.staleness());
}

bool IntervalFigures::is_due(core::Time now) const {
  return now - begin_ >= kInterval;
}

double IntervalFigures::rate(std::uint64_t samples, core::Time now) const {
  return static_cast<double>(samples) / core::in_seconds(now - begin_);
}

double IntervalFigures::samples_per_second(std::uint64_t under_way, core::Time now) const {
  return std::min(last_rate_, rate(samples_ + under_way, now));
}

nlohmann::json IntervalFigures::end(core::Time now) {
  last_rate_ = rate(samples_, now);
  nlohmann::json figures = {{"samples_per_second", last_rate_}, {"gradient_norm", gradient_norm_}};
  if (staleness_.updates > 0) {
    const double mean = static_cast<double>(staleness_.sum) / static_cast<double>(staleness_.updates);
    figures["staleness"] = {{"mean", mean}, {"max", staleness_.max}};
    staleness_ = {};
  }
  begin_ = now;
  samples_ = 0;
  return figures;
}

}  // namespace fulmar::actors
