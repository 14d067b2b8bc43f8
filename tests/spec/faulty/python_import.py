from botkit import Router
import no_such_module_anywhere

router = Router()
