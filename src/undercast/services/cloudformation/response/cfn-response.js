// Tells CloudFormation how a custom resource's action ended: the module that inline functions require.

exports.SUCCESS = "SUCCESS";
exports.FAILED = "FAILED";

exports.send = function (event, context, responseStatus, responseData, physicalResourceId, noEcho) {
  return new Promise((resolve, reject) => {
    const body = JSON.stringify({
      Status: responseStatus,
      Reason: "See the details in CloudWatch Log Stream: " + context.logStreamName,
      PhysicalResourceId: physicalResourceId || context.logStreamName,
      StackId: event.StackId,
      RequestId: event.RequestId,
      LogicalResourceId: event.LogicalResourceId,
      NoEcho: noEcho || false,
      Data: responseData,
    });
    const url = new URL(event.ResponseURL);
    const http = require(url.protocol === "https:" ? "https" : "http");
    const options = { method: "PUT", headers: { "content-type": "", "content-length": Buffer.byteLength(body) } };
    const request = http.request(url, options, (response) => {
      response.resume();
      console.log("Status code: " + response.statusCode);
      resolve(context.done());
    });
    request.on("error", (error) => {
      console.log("send(..) failed executing https.request(..): " + error);
      reject(context.done(error));
    });
    request.end(body);
  });
};
