// Which kind of data and of task a config asks for.
#include <string>
#include <vector>

#include "data/downscale_task.hpp"
#include "data/task.hpp"
#include "runtime/vocabulary/nearest_name.hpp"

namespace fulmar::data {

Result<std::shared_ptr<const Task>> make_task(const DataSpec& data, const TaskSpec& task, InputLayout layout) {
  const std::vector<std::string> data_kinds{"netcdf"}, task_kinds{"downscale"};
  if (data.kind != data_kinds.front()) return unknown_choice("[data] kind", data.kind, data_kinds);
  if (task.kind != task_kinds.front()) return unknown_choice("[task] kind", task.kind, task_kinds);
  return DownscaleTask::open(data, task, layout);
}

}  // namespace fulmar::data
