-- For run/load.ts: `wrk -s wrk.lua URL -- METHOD BODY`; the last line is what was counted.

function init(parameters)
  wrk.method = parameters[1]
  wrk.body = parameters[2]
end

function done(summary)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"bytes":%d,"milliseconds":%f,"failed":%d}\n',
    summary.requests,
    summary.bytes,
    summary.duration / 1000,
    errors.status + errors.connect
  ))
end
