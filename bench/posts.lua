-- wrk's side of the benchmark of posts: the project form, each time with another message. The argument tells one run from the next.

local head = "name=Priya+Raman&email=priya.raman%40fjordfreight.example&company=Fjord+Freight&kind=team&start=month&leave_empty=" ..
  "&message=We+run+order+routing+for+40+carriers+on+one+Postgres+instance.+The+nightly+import+takes+until+breakfast.+"
local headers = { ["Content-Type"] = "application/x-www-form-urlencoded" }
local serial = 0
local round

function init(args)
  round = args[1]
end

function request()
  serial = serial + 1
  return wrk.format("POST", "/contact", headers, head .. round .. "-" .. serial)
end
