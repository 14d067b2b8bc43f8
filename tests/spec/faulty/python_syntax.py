from botkit import Router

router = Router(
