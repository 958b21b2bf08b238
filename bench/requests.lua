-- The requests of wrk. Arguments are paths to request in turn, or "post" and the name of a run: then the project form is posted, each time
-- with another message.

local fields = "name=Priya+Raman&email=priya.raman%40fjordfreight.example&company=Fjord+Freight&kind=team&start=month&leave_empty=" ..
  "&message=We+run+order+routing+for+40+carriers+on+one+Postgres+instance.+The+nightly+import+takes+until+breakfast.+"
local headers = { ["Content-Type"] = "application/x-www-form-urlencoded" }
local arguments
local count = 0

function init(args)
  arguments = args
end

function request()
  count = count + 1
  if arguments[1] == "post" then
    return wrk.format("POST", "/contact", headers, fields .. arguments[2] .. "-" .. count)
  end
  return wrk.format("GET", arguments[count % #arguments + 1])
end
