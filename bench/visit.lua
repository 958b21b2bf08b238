-- Requests the paths that are passed as arguments, in turn.

local requests = {}
local count = 0

function init(args)
  for index, path in ipairs(args) do
    requests[index] = wrk.format("GET", path)
  end
end

function request()
  count = count + 1
  return requests[count % #requests + 1]
end
