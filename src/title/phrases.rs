//! Words around a matter that are not the matter: greetings, courtesies, ways to ask. Each list is what
//! people type first into a chat, in the languages that most of them type; a language that is missing
//! loses nothing but brevity. All in lower case, with straight
//! apostrophes, between bars.

/// What a conversation begins with. A name may follow, up to a comma.
pub(super) const GREETINGS: &str = "\
    hi|hello|hey|hi there|hello there|hey there|good morning|good afternoon|good evening|\
    greetings|hola|buenas|buenos días|buenas tardes|buenas noches|bonjour|bonsoir|salut|coucou|\
    hallo|guten tag|guten morgen|guten abend|moin|servus|olá|oi|bom dia|boa tarde|boa noite|ciao|\
    buongiorno|buonasera|salve|hoi|goedemorgen|goedemiddag|goedenavond|cześć|hej|dzień dobry|\
    dobry wieczór|ahoj|dobrý den|god morgon|tjena|привет|здравствуйте|здравствуй|добрый день|\
    доброе утро|добрый вечер|привіт|добрий день|merhaba|selam|selamlar|γεια σου|γεια σας|γεια|გამარჯობა|\
    مرحبا|مرحبًا|أهلا|السلام عليكم|שלום|היי|سلام|नमस्ते|नमस्कार|안녕하세요|안녕|xin chào|chào bạn|chào|\
    halo|hai|selamat pagi|selamat siang";

/// What a request begins with.
pub(super) const REQUESTS: &str = "\
    please|pls|can you|can you please|can u|could you|could you please|would you|would you please|\
    will you|would you mind|can i ask|may i ask|i want|i want to|i want you to|i'd like to|\
    i'd like you to|i would like to|i would like you to|i'd like|i need|i need to|i need you to|\
    i need help|i need help with|i need some help with|i have a question|i have a question about|\
    quick question|i was wondering|help me|help me to|help me with|please help me|\
    please help me to|please help me with|\
    tell me|tell me about|show me|give me|write me|let me know|\
    explain to me|i'm trying to|i am trying to|do you know|ok|okay|thanks|thank you|\
    por favor|puedes|podrías|puede|podría|me puedes|me podrías|puedes ayudarme a|\
    podrías ayudarme a|quiero|quisiera|me gustaría|necesito|ayúdame a|ayúdame|dime|explícame|\
    s'il te plaît|s'il vous plaît|stp|svp|peux-tu|pouvez-vous|pourrais-tu|pourriez-vous|\
    est-ce que tu peux|tu peux|m'aider à|m'expliquer|j'aimerais|je voudrais|je veux|\
    j'ai besoin de|aide-moi à|aidez-moi à|dis-moi|bitte|kannst du|kannst du mir|kannst du bitte|\
    kannst du mir bitte|können sie|können sie mir|könntest du|könntest du mir|könnten sie|\
    könnten sie mir|ich möchte|ich will|ich brauche|hilf mir|hilf mir bei|hilf mir dabei|\
    bitte hilf mir|você pode|você poderia|pode|poderia|pode me ajudar a|me ajude a|me ajuda a|\
    quero|eu quero|gostaria de|eu gostaria de|preciso|preciso de|me explique|per favore|puoi|\
    potresti|può|potrebbe|puoi aiutarmi a|vorrei|voglio|ho bisogno di|aiutami a|alsjeblieft|\
    kun je|kan je|kun je me|kun je me helpen|kun je me helpen met|kunt u|zou je|ik wil|ik wil graag|help me met|proszę|czy możesz|\
    możesz|czy możesz mi|chcę|chciałbym|potrzebuję|pomóż mi|prosím|snälla|kan du|\
    kan du hjälpa mig att|skulle du kunna|jag vill|hjälp mig att|пожалуйста|можешь|можете|\
    ты можешь|вы можете|не могли бы вы|мог бы ты|помоги|помоги мне|помогите|помогите мне|я хочу|\
    хочу|мне нужно|мне нужен|мне нужна|подскажи|подскажите|скажи|скажите|расскажи|расскажи мне|\
    расскажите|будь ласка|чи можеш|допоможи мені|допоможіть|lütfen|bana|من فضلك|لو سمحت|هل يمكنك|\
    هل تستطيع|هل يمكنك مساعدتي في|أريد|أريد أن|ساعدني في|ساعدني|أخبرني عن|בבקשה|אפשר|האם אתה יכול|\
    אתה יכול|אני רוצה|תעזור לי|עזור לי|لطفا|لطفاً|میتوانی|میتوانید|कृपया|क्या आप|क्या तुम|मुझे|\
    bạn có thể|hãy|làm ơn|vui lòng|giúp tôi|bạn có thể giúp tôi|tôi muốn|cho tôi biết|tolong|\
    bisakah kamu|bisakah anda|bisa|saya ingin|bantu saya|mohon|혹시|제발|παρακαλώ|μπορείς να|μπορείς να μου πεις|μπορείς να μου πεις για|\
    μπορείτε να";

/// What a question begins with, to be left out where the question is too long for a title.
pub(super) const QUESTIONS: &str = "\
    what is|what is the|what are|what are the|what's|what's the|what would be|\
    what is the best way to|what's the best way to|how do i|how do you|how do we|how can i|\
    how can we|how can you|how would i|how should i|how to|is there a way to|is it possible to|\
    why is|why does|why do|cómo puedo|cómo se puede|qué es|cuál es|cuál es la|cuál es el|\
    cuáles son|cuáles son las|cuáles son los|comment puis-je|comment faire pour|comment|\
    quelle est|quelle est la|quel est|quel est le|quels sont|quelles sont|qu'est-ce que|\
    qu'est-ce qu'une|qu'est-ce qu'un|wie kann ich|wie kann man|was ist|was ist der|was ist die|\
    was ist das|was sind|was sind die|como posso|como faço para|qual é|qual é a|qual é o|\
    quais são|o que é|come posso|qual è|quali sono|hoe kan ik|wat is|wat is het|wat zijn|jak mogę|\
    jaka jest|как мне|как я могу|что такое|в чём|в чем|каковы|nasıl|ما هو|ما هي|كيف يمكنني";

/// What a request ends with.
pub(super) const CLOSINGS: &str = "\
    please|pls|thanks|thank you|for me|por favor|gracias|s'il te plaît|s'il vous plaît|stp|svp|\
    merci|bitte|danke|obrigado|obrigada|per favore|grazie|alsjeblieft|bedankt|proszę|пожалуйста|\
    спасибо|будь ласка|lütfen|eder misin|edebilir misin|misin|mısın|من فضلك|شكرا|בבקשה|תודה|लिखिए|\
    बताइए|बताओ|दीजिए|알려줘|알려주세요|알려 주세요|해줘|해주세요|해 주세요|부탁해|부탁드려요|주세요|nhé|không|được không|के बारे में|توضیح بده|giúp tôi|ya";

/// Words that leave the reader waiting for the next one: no title that was cut short ends with them, and
/// none begins with the articles among them once the way to ask is gone.
pub(super) const DANGLING: &str = "\
    a|an|the|of|to|in|on|at|by|for|from|with|and|or|but|that|which|who|is|are|be|as|into|about|\
    between|my|your|his|its|their|our|all|any|this|these|if|when|than|so|using|el|la|los|las|un|\
    una|de|del|en|con|para|por|y|o|que|mi|le|les|une|des|du|et|ou|dans|sur|avec|pour|qui|à|au|aux|\
    mon|ma|der|die|das|den|dem|ein|eine|einen|einer|und|oder|mit|für|von|zu|im|auf|dass|os|um|uma|\
    do|da|dos|em|no|na|com|il|lo|gli|di|per|e|che|het|een|van|met|voor|op|i|w|z|że|и|в|во|на|с|со|\
    для|из|от|по|о|что|который|та|й|у|ve|ile|için|في|من|على|إلى|عن|و|של|את|על|עם|का|की|के|में|और|\
    से|của|và|cho|trong|với|yang|dan|untuk|dengan|att|och|som|på";

/// Articles, which a title does not begin with once the request before them is gone.
pub(super) const ARTICLES: &str = "\
    a|an|the|some|me|un|una|une|ein|eine|einen|um|uma|een";

/// Words that begin another clause.
pub(super) const CLAUSES: &str = "\
    that|which|because|since|but|who|where|while|pero|porque|mais|parce|weil|dass|aber|perché|\
    потому|чтобы|который|которая|которые|но";

/// What a request begins with in scripts without spaces; the longer before the shorter.
pub(super) const SPACELESS_OPENINGS: &str = "\
    你好|您好|哈喽|早上好|晚上好|嗨|请问一下|請問一下|请问|請問|请你帮我|請你幫我|请帮我|請幫我|请帮忙|请你|請你|请|請|你能不能帮我|你能帮我|你可以帮我|你能不能|你可以|\
    能不能帮我|能帮我|可以帮我|可不可以|能不能|帮我|幫我|帮忙|麻烦你|麻烦|麻煩|我想知道|我想要|我想|我需要|我要|告诉我|告訴我|こんにちは|こんばんは|おはようございます|\
    はじめまして|すみませんが|すみません|すいません|สวัสดีครับ|สวัสดีค่ะ|สวัสดี|ช่วย|กรุณา|โปรด";

/// What a request ends with in scripts without spaces; the longer before the shorter.
pub(super) const SPACELESS_CLOSINGS: &str = "\
    好不好|可以吗|可以嗎|好吗|好嗎|谢谢|謝謝|吗|嗎|呢|吧|について教えてください|について教えて|を教えてください|を教えてほしい|教えてください|を教えて|を説明してください|\
    してください|をお願いします|お願いします|ください|でしょうか|ですか|ますか|หน่อยได้ไหม|หน่อยครับ|หน่อยค่ะ|หน่อย|ได้ไหม|ครับ|ค่ะ|\
    คะ";

/// What a Chinese or Japanese title that was cut short does not end with.
pub(super) const SPACELESS_DANGLING: &str = "\
    的|了|和|与|與|在|是|把|を|の|に|は|が|と|で|へ|และ|ที่|ของ|ให้";

/// Whether a list has this phrase.
pub(super) fn has(list: &str, phrase: &str) -> bool {
    list.split('|').any(|entry| entry == phrase)
}

/// English articles, which a title does without where room is short.
pub(super) const ENGLISH_ARTICLES: &str = "a|an|the";
