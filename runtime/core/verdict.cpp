#include "runtime/core/verdict.hpp"

#include <algorithm>
#include <cmath>

#include "runtime/core/vector_arithmetic.hpp"
#include "runtime/vocabulary/assert.hpp"

namespace fulmar::core {

Verdict reach_verdict(Version base, const Attempt& attempt, std::vector<RootReport> reports, const VerdictRule& rule,
                      std::uint64_t updates_before, std::uint64_t voided_in_a_row) {
  FULMAR_ASSERT(!reports.empty(), "a verdict without reports");
  std::sort(reports.begin(), reports.end(), [](const auto& a, const auto& b) { return a.shard < b.shard; });

  Verdict verdict;
  verdict.base = base;
  verdict.attempt = attempt;
  verdict.loss_sum = reports.front().loss_sum;
  verdict.weight_sum = reports.front().weight_sum;
  verdict.updates_before = updates_before;
  std::vector<double> norms;
  for (const RootReport& report : reports) {
    FULMAR_ASSERT(report.base == attempt.base && report.lease == attempt.lease,
                  "VERDICT-1: reports of different updates");
    verdict.finite = verdict.finite && report.finite;
    norms.insert(norms.end(), report.chunk_norms.begin(), report.chunk_norms.end());
  }
  verdict.squared_norm = tree_sum(norms);
  verdict.finite = verdict.finite && std::isfinite(verdict.loss_sum) && std::isfinite(verdict.squared_norm);

  const std::string round = (attempt.lease == 0 ? "round " : "unit ") + std::to_string(attempt.unit);
  if (!verdict.finite && rule.not_finite == NotFinitePolicy::stop) {
    verdict.action = Action::stop;
    verdict.reason = round + " is not finite";
  } else if (!verdict.finite && voided_in_a_row + 1 >= rule.voided_in_a_row_max) {
    verdict.action = Action::stop;
    verdict.reason = round + " is not finite: " + std::to_string(voided_in_a_row + 1) + " voided in a row";
  } else if (!verdict.finite) {
    verdict.action = Action::skip;
    verdict.reason = round + " is not finite and is skipped";
  } else if (!(verdict.weight_sum > 0)) {
    // Every target of the round is masked: there is nothing to learn from, and nothing wrong.
    verdict.action = Action::skip;
    verdict.reason = round + " has no unmasked target and is skipped";
  } else {
    verdict.reason = round + " is finite";
  }
  return verdict;
}

double mean_gradient_norm(const Verdict& verdict) {
  return verdict.weight_sum > 0 ? std::sqrt(verdict.squared_norm) / verdict.weight_sum : 0;
}

}  // namespace fulmar::core
