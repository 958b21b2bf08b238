-- Posts the project form, each time with another message. The argument distinguishes one run from the next.

local fields = "name=Priya+Raman&email=priya.raman%40fjordfreight.example&company=Fjord+Freight&kind=team&start=month&leave_empty=" ..
  "&message=We+run+order+routing+for+40+carriers+on+one+Postgres+instance.+The+nightly+import+takes+until+breakfast.+"
local headers = { ["Content-Type"] = "application/x-www-form-urlencoded" }
local count = 0
local run

function init(args)
  run = args[1]
end

function request()
  count = count + 1
  return wrk.format("POST", "/contact", headers, fields .. run .. "-" .. count)
end
